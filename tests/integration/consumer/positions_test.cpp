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

// So that all partitions have some.
std::vector<archive::Event> of_many_keys(int first, int last) {
    std::vector<archive::Event> events = numbered(first, last);
    for (archive::Event& each : events) each.ordering_key = each.body;
    return events;
}

// Every second beginning at the earliest record meets a server that is just going away.
void let_beginnings_fail(const World& world) {
    open(world.owner())
        .execute_script(
            "create sequence public.beginning;"
            "create function public.refuse_beginning() returns trigger language plpgsql security definer as "
            "$$ "
            "begin"
            "  if nextval('public.beginning') % 2 = 0 then"
            "    raise 'the server is shutting down' using errcode = '57P03';"
            "  end if;"
            "  return new;"
            "end $$;"
            "create trigger refuse_beginning before update on consumer.position for each row"
            "  when (new.next < old.next) execute function public.refuse_beginning()");
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

TEST_CASE("of a topic that was made anew each partition is read from its first record") {
    KafkaWorld world{4};
    make_trial_tables(world);
    world.publish(of_many_keys(1, 60));
    {
        const Running running{world.member()};
        REQUIRE(comes_true([&] { return world.effects().size() == 60; }));
    }
    const std::vector<std::string> topic{world.topic()};
    kafka::Admin& admin = world.broker().admin();
    must(admin.delete_topics(topic, std::chrono::seconds{20}));
    must(admin.create_topics(std::vector<kafka::TopicToCreate>{{.name = world.topic(), .partitions = 4}},
                             std::chrono::seconds{20}));
    // Fewer than before in some partitions, and more in others.
    std::vector<archive::Event> events = of_many_keys(61, 70);
    for (archive::Event& each : numbered(71, 110)) events.push_back(std::move(each));
    world.publish(events);
    Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects().size() == 110; }));
    CHECK(running.metrics().log_replaced.Value() == 4);
    CHECK(running.metrics().duplicates.Value() == 0);
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

TEST_CASE("records that expire before a consumer has read its first one come again from what is stored") {
    KafkaWorld world{1};
    make_trial_tables(world);
    const kafka::TopicPartition partition{world.topic(), 0};
    {
        // It takes its partition, and has not read by the time that it ends.
        const Running running{world.member()};
        REQUIRE(comes_true([&] { return count(world, "consumer.position where earliest = 0") == 1; }));
    }
    CHECK(refills_due(world) == 0);
    const std::vector<archive::Event> events = numbered(1, 10);
    world.publish(events);
    must(world.broker().admin().delete_records(partition, 6, std::chrono::seconds{10}));
    Running running{world.member()};
    REQUIRE(comes_true([&] { return world.effects().size() == 4; }));
    CHECK(running.metrics().log_replaced.Value() == 1);
    // There is no relay here that would put them on the topic.
    const std::string sixth = "event_id <= '" + events[5].id.text() + "'";
    CHECK(comes_true([&] { return count(world, "journal.entry where " + sixth) == 6; }));
    CHECK(count(world, "consumer.position where earliest = 6") == 1);
}

TEST_CASE("of many positions outside of the log each begins again, also where some fail at first") {
    KafkaWorld world{6};
    make_trial_tables(world);
    world.publish(of_many_keys(1, 60));
    {
        const Running running{world.member()};
        REQUIRE(comes_true([&] { return world.effects().size() == 60; }));
        REQUIRE(comes_true([&] { return count(world, "consumer.position where next > 0") == 6; }));
    }
    open(world.settings()).execute("update consumer.position set next = 500");
    let_beginnings_fail(world);
    Running running{world.member()};
    REQUIRE(comes_true([&] { return running.metrics().log_replaced.Value() == 6; }));
    world.publish(of_many_keys(61, 120));
    CHECK(comes_true([&] { return world.effects().size() == 120; }));
    CHECK(comes_true([&] { return count(world, "consumer.position where next < 500") == 6; }));
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
