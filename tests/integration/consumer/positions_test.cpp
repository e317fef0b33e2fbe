// Positions in Kafka are rows in Postgres, good for the log that they were taken in.
#include <catch2/catch.hpp>

#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Strings = std::vector<std::string>;

namespace {

void work_off(KafkaWorld& world, int first, int last) {
    world.publish(numbered(first, last));
    const Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == numbers(1, last); }));
    REQUIRE(comes_true([&] { return count(world, "consumer.position where next > 0") == 1; }));
}

std::int64_t refills_due(const World& world) {
    return count(world, "consumer.consumer where refill_after is not null");
}

}  // namespace

TEST_CASE("a consumer goes on where its rows say, and nothing comes twice") {
    KafkaWorld world{1};
    make_trial_tables(world);
    work_off(world, 1, 10);
    world.publish(numbered(11, 12));
    Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == numbers(1, 12); }));
    CHECK(running.metrics().duplicates.Value() == 0);
    CHECK(running.metrics().log_replaced.Value() == 0);
    CHECK(running.metrics().database_behind.Value() == 0);
    CHECK(count(world, "consumer.position where next = 12 and last_id is not null and epoch >= 2") == 1);
}

TEST_CASE("another cluster, or another record before the position, means from the earliest and a refill") {
    KafkaWorld world{1};
    make_trial_tables(world);
    work_off(world, 1, 10);
    const std::string other =
        GENERATE("cluster = 'another'", "last_id = '01a1ffd0-2dc6-7000-8ad0-b13a70123d07'");
    open(world.settings()).execute("update consumer.position set " + other);
    Running running{world.member()};
    REQUIRE(comes_true([&] { return running.metrics().duplicates.Value() == 10; }));
    CHECK(running.metrics().log_replaced.Value() == 1);
    CHECK(world.effects() == numbers(1, 10));
    // All of it is in the inbox: nothing is appended, and the refill comes to its end.
    CHECK(comes_true([&] { return refills_due(world) == 0; }));
    CHECK(running.metrics().refilled.Value() == 0);
}

TEST_CASE("a position beyond the end of the log means from the earliest, and what is stored comes again") {
    KafkaWorld world{1};
    make_trial_tables(world);
    work_off(world, 1, 3);
    open(world.settings()).execute("update consumer.position set next = 500");
    Running running{world.member()};
    REQUIRE(comes_true([&] { return running.metrics().log_replaced.Value() == 1; }));
    world.publish(numbered(4, 5));
    CHECK(comes_true([&] { return world.effects() == numbers(1, 5); }));
}

TEST_CASE("a database that is older than the group is told, and its effects are done again in it") {
    KafkaWorld world{1};
    make_trial_tables(world);
    work_off(world, 1, 10);
    // As restored to when six were done; the group had committed ten.
    postgres::Connection owner = open(world.owner());
    owner.execute(
        "update consumer.position set next = 6, last_id = (select event_id from public.effect where value = "
        "'6')");
    owner.execute(
        "delete from consumer.inbox where message_id in "
        "(select event_id from public.effect where value::integer > 6)");
    owner.execute("delete from public.effect where value::integer > 6");
    Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == numbers(1, 10); }));
    CHECK(running.metrics().database_behind.Value() == 1);
    CHECK(running.metrics().log_replaced.Value() == 0);
}
