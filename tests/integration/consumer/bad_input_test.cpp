// Records that are not what they should be: each is settled, its bytes are kept, and the rest goes on.
#include <catch2/catch.hpp>

#include "consumer/again.hpp"
#include "consumer/registration.hpp"
#include "consumer/stored.hpp"
#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Strings = std::vector<std::string>;

namespace {

// As a record of ours, but for what the test changes.
events::Headers headers_of(const archive::Event& sent, const World& world) {
    postgres::Connection connection = open(world.settings());
    const journal::Entry entry{.tenant = sent.tenant, .topic = "raw", .event_id = sent.id};
    return must(consumer::read_messages(connection, {&entry, 1}, 1U << 20U)).front().headers;
}

void store(const World& world, const archive::Event& sent) {
    postgres::Connection connection = open(world.settings("ingress"));
    must(transact(connection, [&](postgres::Transaction& tx) { archive::write(tx, {&sent, 1}); }));
}

void produce(KafkaWorld& world, const events::Headers& headers, std::string_view value) {
    const std::string topic = world.topic();
    kafka::Record record{.topic = topic, .partition = 0, .key = "k", .value = value};
    for (const auto& [name, text] : headers) record.headers.push_back({name, text});
    world.produce(record);
}

std::string change(events::Headers& headers, const std::string& name, const std::string& to) {
    for (auto& [each, value] : headers) {
        if (each == name) return std::exchange(value, to);
    }
    FAIL("there is no header " << name);
    return "";
}

void drop(events::Headers& headers, const std::string& name) {
    std::erase_if(headers, [&](const events::Header& header) { return header.first == name; });
}

// What was produced, then a good one: its effect shows that the rest went on.
Strings settled(KafkaWorld& world) {
    world.publish({event("9")});
    const Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == Strings{"9"}; }));
    REQUIRE(comes_true([&] { return !work(world).empty(); }));
    return work(world);
}

bool keeps(const World& world, const std::string& bytes) {
    return open(world.settings())
        .execute("select exists (select from consumer.work where value = $1)", postgres::Bytes{bytes})
        .only()
        .get<bool>(0);
}

}  // namespace

TEST_CASE("bytes without any header of ours are dead, and kept") {
    KafkaWorld world;
    make_trial_tables(world);
    const std::string bytes{"\x00\xff\xfe not ours", 12};
    produce(world, {{"x", std::string{"\xff\x00", 2}}}, bytes);
    const Strings rows = settled(world);
    REQUIRE(rows.size() == 1);
    CHECK_THAT(rows.front(), Catch::StartsWith("dead 1: ") && Catch::Contains("ce_"));
    CHECK(keeps(world, bytes));
    // The same record again is the same message.
    CHECK(count(world,
                "consumer.work where log_partition = 0 and log_offset = 0 and tenant = "
                "'00000000-0000-0000-0000-000000000000'") == 1);
    open(world.settings()).execute("update consumer.position set next = -2, last_id = null");
    const Running again{world.member()};
    REQUIRE(comes_true([&] { return count(world, "consumer.position where next > 0") > 0; }));
    CHECK(work(world) == rows);
    CHECK(world.effects() == Strings{"9"});
}

TEST_CASE("a record that lacks a header is dead, and does not take the place of the good one of its id") {
    KafkaWorld world;
    make_trial_tables(world);
    const archive::Event sent = event("1");
    store(world, sent);
    auto headers = headers_of(sent, world);
    drop(headers, "ce_source");
    produce(world, headers, "1");
    const Strings rows = settled(world);
    REQUIRE(rows.size() == 1);
    CHECK_THAT(rows.front(), Catch::StartsWith("dead 1: ") && Catch::Contains("ce_source"));
    CHECK(count(world, "consumer.inbox where message_id = '" + sent.id.text() + "'") == 0);
    produce(world, headers_of(sent, world), "1");
    const Running running{world.member()};
    CHECK(comes_true([&] { return world.effects() == Strings{"9", "1"}; }));
}

TEST_CASE("a record without a value is dead") {
    KafkaWorld world;
    make_trial_tables(world);
    const archive::Event sent = event("1");
    store(world, sent);
    const std::string topic = world.topic();
    kafka::Record record{.topic = topic, .partition = 0, .key = "k"};
    const auto headers = headers_of(sent, world);
    for (const auto& [name, text] : headers) record.headers.push_back({name, text});
    world.produce(record);
    CHECK_THAT(settled(world).front(), Catch::StartsWith("dead 1: ") && Catch::Contains("no value"));
}

TEST_CASE("an id that none of ours could be makes no day of its own") {
    KafkaWorld world;
    make_trial_tables(world);
    const archive::Event sent = event("1");
    store(world, sent);
    auto headers = headers_of(sent, world);
    change(headers, "ce_id",
           GENERATE("ffffffff-ffff-7fff-bfff-ffffffffffff", "00000000-0000-7000-8000-000000000000",
                    "6ba7b810-9dad-41d1-80b4-00c04fd430c8"));
    produce(world, headers, "1");
    CHECK_THAT(settled(world).front(), Catch::StartsWith("dead 1: "));
}

TEST_CASE("of a newer major version a record is held, and a build that reads it takes it up") {
    KafkaWorld world;
    make_trial_tables(world);
    const archive::Event sent = event("1");
    store(world, sent);
    auto headers = headers_of(sent, world);
    const std::string ours = change(headers, "ce_schemaversion", "2.0");
    produce(world, headers, "1");
    const Strings rows = settled(world);
    REQUIRE(rows.size() == 1);
    CHECK_THAT(rows.front(), Catch::StartsWith("held 0 newer_version: "));
    // As if this build were the newer one.
    open(world.settings())
        .execute("update consumer.work set headers = replace(headers::text, '\"2.0\"', $1)::jsonb",
                 '"' + ours + '"');
    const Running newer{world.member()};
    CHECK(comes_true([&] { return world.effects() == Strings{"9", "1"} && work(world).empty(); }));
}

TEST_CASE("a newer minor version and an older one are read as they are") {
    KafkaWorld world;
    make_trial_tables(world);
    const archive::Event sent = event("1");
    store(world, sent);
    auto headers = headers_of(sent, world);
    change(headers, "ce_schemaversion", GENERATE("1.99", "1.0"));
    produce(world, headers, "1");
    const Running running{world.member()};
    CHECK(comes_true([&] { return world.effects() == Strings{"1"}; }));
    CHECK(work(world).empty());
}

TEST_CASE("an entry whose event is not there is dead, and the rest goes on") {
    JournalWorld world;
    make_trial_tables(world);
    world.append(make_uuid_v7());
    world.publish(numbered(1, 3));
    const Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == numbers(1, 3); }));
    REQUIRE(work(world).size() == 1);
    CHECK_THAT(work(world).front(), Catch::StartsWith("dead 1: ") && Catch::Contains("not_found"));
}

TEMPLATE_TEST_CASE("of a day that was dropped a message is held, unless its event is stored", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    std::vector<archive::Event> events = numbered(1, 2);
    world.publish(events);
    {
        const Running running{world.member()};
        REQUIRE(comes_true([&] { return world.effects() == numbers(1, 2); }));
    }
    postgres::Connection owner = open(world.owner());
    owner.execute("select consumer.drop_day((now() at time zone 'UTC')::date)");
    owner.execute("delete from archive.event where id = $1", events[0].id);
    world.put_again({events[1]});
    const Running running{world.member()};
    // Stored, so somebody released it: it is run.
    CHECK(comes_true([&] { return world.effects() == Strings{"1", "2", "2"}; }));
}

TEST_CASE("a record that outlived its day is held and not run") {
    KafkaWorld world;
    make_trial_tables(world);
    const archive::Event sent = event("1");
    store(world, sent);
    const auto headers = headers_of(sent, world);
    postgres::Connection owner = open(world.owner());
    owner.execute("select consumer.drop_day((now() at time zone 'UTC')::date)");
    owner.execute("delete from archive.event");
    produce(world, headers, "1");
    const Running running{world.member()};
    REQUIRE(comes_true([&] { return !work(world).empty(); }));
    CHECK_THAT(work(world).front(), Catch::StartsWith("held 0 too_old: "));
    CHECK(world.effects().empty());
    CHECK(count(world, "consumer.inbox") == 0);

    // Who knows that it was not done has it run; from then on it is, and neither its copies nor another
    // replay change it.
    const auto replayed = [&] {
        postgres::Connection operators = open(world.settings("operator"));
        const tenants::Actor ada{.name = "ada", .role = tenants::Role::operator_};
        return must(transact(operators,
                             [&](postgres::Transaction& tx) {
                                 return consumer::replay(tx, ada, world.member().name, std::vector{sent.id},
                                                         "never done");
                             }))
            .started;
    };
    CHECK(replayed() == 1);
    REQUIRE(comes_true([&] { return world.effects() == Strings{"1"}; }));
    REQUIRE(comes_true([&] { return count(world, "consumer.work where state = 'done'") == 1; }));
    produce(world, headers, "1");
    world.publish({event("2")});
    REQUIRE(comes_true([&] { return world.effects() == Strings{"1", "2"}; }));
    CHECK(count(world, "consumer.work where state <> 'done'") == 0);
    CHECK(replayed() == 0);
    // It is kept for as long as a copy may come.
    owner.execute("select consumer.drop_day((now() at time zone 'UTC')::date)");
    CHECK(count(world, "consumer.work") == 1);
    open(world.settings()).execute("update consumer.work set changed_at = now() - interval '41 days'");
    owner.execute("select consumer.drop_day((now() at time zone 'UTC')::date)");
    CHECK(count(world, "consumer.work") == 0);
}
