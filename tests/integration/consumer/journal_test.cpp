// What is the journal's case alone.
#include <catch2/catch.hpp>

#include "journal/readers.hpp"
#include "support/wait.hpp"
#include "worlds.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

std::int64_t unread(const World& world) {
    postgres::Connection connection = open(world.settings());
    return must(journal::list_readers(connection)).front().unread;
}

}  // namespace

TEST_CASE("one member of the journal reads and the others stand by") {
    JournalWorld world;
    Member first{world.member()};
    REQUIRE(read_until({&first}, [&] { return first.subscription().is_reading(); }));
    Member second{world.member()};
    world.publish(numbered(1, 30));
    REQUIRE(read_until({&second, &first}, [&] { return first.taken.size() == 30; }));
    CHECK(second.taken.empty());
    CHECK_FALSE(second.subscription().is_reading());
    CHECK(must(second.subscription().lag()) == 0);
}

TEST_CASE("an entry without its event is a message with that flaw, and those behind it come") {
    JournalWorld world;
    world.publish(numbered(1, 1));
    const Uuid gone = make_uuid_v7();
    world.append(gone);
    archive::Event strange = event("another tenant's");
    strange.tenant = make_uuid_v7();
    {
        postgres::Connection connection = open(world.settings("ingress"));
        must(transact(connection, [&](postgres::Transaction& tx) { archive::write(tx, {&strange, 1}); }));
    }
    world.append(strange.id);
    world.publish(numbered(2, 2));
    Member member{world.member()};
    REQUIRE(read_until(member, 4));
    CHECK(values(member.taken) == std::vector<std::string>{"1", "none", "none", "2"});
    CHECK(member.taken[1].flaw->code == ErrorCode::not_found);
    CHECK(member.taken[1].id == gone);
    CHECK(member.taken[1].tenant == tenant());
    CHECK_FALSE(member.taken[1].attributes);
    CHECK(member.taken[2].flaw->code == ErrorCode::not_found);
}

TEST_CASE("entries of other topics are passed, so that they need not be kept for this reader") {
    JournalWorld world;
    Member member{world.member()};
    world.publish(numbered(1, 1));
    REQUIRE(read_until(member, 1));
    for (int i = 0; i < 20; ++i) world.append(make_uuid_v7(), "billing.dlq");
    CHECK(read_until({&member}, [&] { return unread(world) == 0; }));
    CHECK(member.taken.size() == 1);
}

TEST_CASE("large bodies come in batches of a bounded size") {
    JournalWorld world;
    std::vector<archive::Event> events;
    for (int i = 0; i < 12; ++i) events.push_back(event(std::string(2'000'000, 'x')));
    world.publish(events);
    Member member{world.member()};
    std::size_t largest = 0;
    REQUIRE(wait_until(
        [&] {
            const auto read = member.read();
            if (read) largest = std::max(largest, read->size());
            return member.taken.size() >= 12;
        },
        40s));
    CHECK(member.taken.size() == 12);
    CHECK(largest <= 9);
}

TEST_CASE("a reader that was retired is told of, and goes on when it is there again") {
    JournalWorld world;
    Member member{world.member()};
    world.publish(numbered(1, 1));
    REQUIRE(read_until(member, 1));
    postgres::Connection owner = open(world.settings("operator"));
    must(journal::retire_reader(owner, "enrichment", true));
    world.publish(numbered(2, 2));
    Error told;
    REQUIRE(wait_until([&] {
        const auto read = member.read();
        if (!read) told = read.error();
        return told.code == ErrorCode::not_found;
    }));
    CHECK_THAT(told.detail, Catch::Contains("it was retired"));
    CHECK(member.taken.size() == 1);
    must(journal::register_reader(owner, "enrichment"));
    world.publish(numbered(3, 3));
    CHECK(read_until(member, 2));
}
