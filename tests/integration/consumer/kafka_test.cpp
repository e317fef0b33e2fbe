// What is Kafka's case alone: members that share, positions that the caller gives, and records of others.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "support/wait.hpp"
#include "worlds.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using consumer::Message;
using Strings = std::vector<std::string>;

namespace {

std::vector<archive::Event> of_many_keys(int first, int last) {
    std::vector<archive::Event> events = numbered(first, last);
    for (archive::Event& each : events) each.ordering_key = each.body;
    return events;
}

std::set<std::string> as_set(const Strings& all) {
    return {all.begin(), all.end()};
}

void set_position(const World& world, kafka::Offset next) {
    open(world.owner())
        .execute("update public.standing set next = $1, epoch = epoch + 1, holder = $2", next,
                 make_uuid_v4());
}

}  // namespace

TEST_CASE("members share the partitions, and each message is done once while they come and go") {
    KafkaWorld world{6};
    Member first{world.member()};
    world.publish(of_many_keys(1, 100));
    REQUIRE(read_until({&first}, [&] { return first.positions().story == Strings{"took 6"}; }));
    {
        Member second{world.member()};
        REQUIRE(read_until({&first, &second}, [&] { return !second.positions().story.empty(); }));
        world.publish(of_many_keys(101, 300));
        REQUIRE(read_until({&first, &second}, [&] { return world.effects().size() >= 300; }));
        CHECK_FALSE(second.taken.empty());
        CHECK(first.positions().story.at(1) == "let go 3");
    }
    world.publish(of_many_keys(301, 400));
    REQUIRE(read_until({&first}, [&] { return world.effects().size() >= 400; }));
    CHECK(first.positions().story.back() == "took 3");
    CHECK(world.effects().size() == 400);
    CHECK(as_set(world.effects()) == as_set(numbers(1, 400)));
}

TEST_CASE("large bodies come in batches of a bounded size, and their partitions are not taken again") {
    KafkaWorld world{2};
    std::vector<archive::Event> events;
    // Some by reference, and some that travel.
    for (int i = 0; i < 40; ++i) {
        const std::size_t length = i % 2 == 0 ? 2'000'000 : 200'000;
        events.push_back(event(std::string(length, 'x'), std::to_string(i)));
    }
    world.publish(events);
    Member member{world.member()};
    std::size_t largest = 0;
    REQUIRE(wait_until(
        [&] {
            const auto read = member.read();
            std::size_t bytes = 0;
            if (read) {
                for (const Message& message : *read) bytes += message.bytes();
            }
            largest = std::max(largest, bytes);
            return member.taken.size() >= 40;
        },
        40s));
    CHECK(member.taken.size() == 40);
    CHECK(largest > 16'000'000);
    CHECK(largest < (16U << 20U) + 2'010'000);
    CHECK(member.positions().story == Strings{"took 2"});
}

TEST_CASE("what was fetched and not given comes again where a large batch fails") {
    KafkaWorld world{1};
    std::vector<archive::Event> events = numbered(1, 30);
    for (archive::Event& each : events) each.body += " " + std::string(1'500'000, 'x');
    world.publish(events);
    Member member{world.member()};
    // Neither committed nor kept: there is more behind it that was fetched with it.
    REQUIRE(poll_some(member).messages.size() < 30);
    const auto first = poll_some(member);
    CHECK(first.messages.front().id == events[0].id);
    must(member.commit(first));
    REQUIRE(read_until(member, 30));
    std::vector<Uuid> ids;
    for (const Message& message : member.taken) ids.push_back(*message.id);
    std::vector<Uuid> sent;
    for (const archive::Event& each : events) sent.push_back(each.id);
    CHECK(ids == sent);
    CHECK(member.positions().story == Strings{"took 1", "took 1"});
}

TEST_CASE("a batch that a rebalance meets is finished by its member or given to the next") {
    KafkaWorld world{4};
    Member first{world.member()};
    world.publish(of_many_keys(1, 200));
    consumer::Batch held = poll_some(first, 20);
    Member second{world.member()};
    // The second takes its part while the first does not poll, and so cannot have given it up.
    REQUIRE_FALSE(wait_until([&] { return !second.poll(10)->messages.empty(); }, 2s));
    REQUIRE(first.commit(held).has_value());
    REQUIRE(read_until({&first, &second}, [&] { return world.effects().size() >= 200; }));
    CHECK(world.effects().size() == 200);
    CHECK(as_set(world.effects()) == as_set(numbers(1, 200)));
}

TEST_CASE("a member whose partition was taken from it commits nothing, and takes it again") {
    KafkaWorld world{1};
    world.publish(numbered(1, 10));
    Member member{world.member()};
    const consumer::Batch batch = poll_some(member, 5);
    set_position(world, 0);
    CHECK(member.commit(batch).error().code == ErrorCode::fenced);
    CHECK(world.effects().empty());
    REQUIRE(read_until(member, 10));
    CHECK(world.effects() == numbers(1, 10));
}

TEST_CASE("a member starts where the positions say, and goes where they are set") {
    KafkaWorld world{1};
    world.publish(numbered(1, 10));
    {
        Member member{world.member()};
        REQUIRE(read_until(member, 10));
    }
    set_position(world, 7);
    Member member{world.member()};
    REQUIRE(read_until(member, 3));
    CHECK(values(member.taken) == Strings{"8", "9", "10"});
    postgres::Connection owner = open(world.owner());
    const auto row = owner.execute("select next, last_id from public.standing");
    CHECK(row.only().get<std::int64_t>(0) == 10);
    CHECK(row.only().get<Uuid>(1) == member.taken.back().id);
}

TEST_CASE("a position outside of the log is put to the positions, and what they say is done") {
    KafkaWorld world{1};
    world.publish(numbered(1, 10));
    {
        Member member{world.member()};
        REQUIRE(read_until(member, 10));
    }
    set_position(world, 1000);
    Member member{world.member()};
    REQUIRE(read_until(member, 10));
    CHECK(values(member.taken) == numbers(1, 10));
    REQUIRE(member.positions().replaced.size() == 1);
    CHECK(member.positions().replaced[0].asked == 1000);
}

TEST_CASE("partitions that come while a member is paused are paused too") {
    KafkaWorld world{2};
    world.publish(of_many_keys(1, 50));
    Member member{world.member()};
    member.subscription().pause();
    REQUIRE(read_until({&member}, [&] { return member.subscription().is_reading(); }));
    // Time for a fetch to come, shown by other consumers of the same records, one after the other.
    for (int i = 0; i < 2; ++i) {
        Member other{world.another_consumer()};
        REQUIRE(read_until({&other, &member}, [&] { return other.taken.size() >= 50; }));
    }
    CHECK(member.taken.empty());
    // Without being taken again and again for what was fetched in vain.
    CHECK(member.positions().story.size() <= 3);
    member.subscription().resume();
    REQUIRE(read_until(member, 50));
    CHECK(world.effects().size() == 150);
}

TEST_CASE("records of others come as they are, with what is missing, and those behind them come") {
    KafkaWorld world{1};
    const std::string topic = world.topic();
    const Uuid nowhere = make_uuid_v7();
    const std::string source = "/tenants/" + tenant().text() + "/sources/shop";
    const auto ours = [&](std::string_view id, std::string_view reference) {
        return std::vector<kafka::Header>{{"ce_specversion", "1.0"},
                                          {"ce_id", id},
                                          {"ce_source", source},
                                          {"ce_type", "t"},
                                          {"ce_time", "2026-11-21T03:11:00.000Z"},
                                          {"ce_tenant", "018f3b1c-7c5a-7000-8000-000000000001"},
                                          {"ce_schemaversion", "1.0"},
                                          {"tollgate_ref", reference}};
    };
    const std::string id = nowhere.text();
    std::vector<kafka::Header> lost = ours(id, "archive");
    const std::string owner = tenant().text();
    lost[5].value = owner;
    std::vector<kafka::Header> elsewhere = ours(id, "s3://bucket");
    elsewhere[5].value = owner;
    world.produce({.topic = topic});
    world.produce({.topic = topic, .value = "\xFF\xFE", .headers = {{"ce_id", "\xFF"}, {"x", "\x01"}}});
    world.produce({.topic = topic, .value = "v", .headers = ours(id, "")});
    world.produce({.topic = topic, .value = "", .headers = lost});
    world.produce({.topic = topic, .value = "", .headers = elsewhere});
    world.publish(numbered(1, 1));
    Member member{world.member()};
    std::vector<Message> all;
    REQUIRE(wait_until(
        [&] {
            const auto batch = member.poll();
            if (!batch || batch->messages.empty()) return false;
            must(member.subscription().commit(*batch, batch->messages.size(),
                                              [](postgres::Transaction&) { return Result<void>{}; }));
            all.insert(all.end(), batch->messages.begin(), batch->messages.end());
            return all.size() == 6;
        },
        40s));
    CHECK_FALSE(all[0].value);
    CHECK_FALSE(all[0].key);
    CHECK(all[0].flaw->code == ErrorCode::invalid);
    CHECK(all[1].value == "\xFF\xFE");
    CHECK(all[1].headers.size() == 2);
    CHECK_FALSE(all[1].id);
    // Of another tenant than its source's: it has an id, and cannot be trusted.
    CHECK(all[2].flaw->code == ErrorCode::invalid);
    CHECK(all[2].id == nowhere);
    CHECK_FALSE(all[2].attributes);
    CHECK(all[3].flaw->code == ErrorCode::not_found);
    CHECK(all[3].attributes);
    CHECK_FALSE(all[3].value);
    CHECK_THAT(all[4].flaw->detail, Catch::Contains("s3://bucket"));
    CHECK_FALSE(all[5].flaw);
    CHECK(all[5].value == "1");
}

TEST_CASE("while the database is away a member waits and no partition is begun") {
    KafkaWorld world{1};
    world.publish(numbered(1, 5));
    MemberSettings nowhere = world.member();
    nowhere.database.url = Secret{"postgresql://nobody@127.0.0.1:1/nothing"};
    Member member{nowhere};
    Error told;
    REQUIRE(wait_until(
        [&] {
            const auto polled = member.poll();
            if (!polled) told = polled.error();
            return !polled;
        },
        40s));
    CHECK(told.code == ErrorCode::unavailable);
    CHECK_FALSE(member.subscription().is_reading());
}
