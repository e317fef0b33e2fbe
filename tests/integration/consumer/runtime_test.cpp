// The runtime on both buses: each effect once, and what becomes of messages that are not done.
#include <atomic>

#include <catch2/catch.hpp>

#include "consumer/registration.hpp"
#include "running.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

// All have come to an end for now.
bool are_taken_on(const World& world, std::size_t messages) {
    return comes_true([&] { return count(world, "consumer.inbox") == static_cast<std::int64_t>(messages); });
}

bool is_at_rest(const World& world) {
    return comes_true([&] { return count(world, "consumer.work where due_at is not null") == 0; });
}

}  // namespace

TEMPLATE_TEST_CASE("each message has its effect once, and nothing is left of it but its place in the inbox",
                   "", JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    const Running running{world.member()};
    world.publish(numbered(1, 120));
    REQUIRE(are_taken_on(world, 120));
    CHECK(world.effects() == numbers(1, 120));
    CHECK(work(world).empty());
}

TEMPLATE_TEST_CASE("copies of a message on the stream are dropped", "", JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    Running running{world.member()};
    const auto events = numbered(1, 10);
    world.publish(events);
    REQUIRE(are_taken_on(world, 10));
    world.put_again(events);
    world.publish(numbered(11, 11));
    REQUIRE(are_taken_on(world, 11));
    CHECK(world.effects() == numbers(1, 11));
    // The refill that a beginning has may bring one more that is on its way.
    CHECK(running.metrics().duplicates.Value() >= 10);
}

TEMPLATE_TEST_CASE("of a batch that splits the message at fault stands alone, and the others are done", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    const std::string trouble =
        GENERATE("reject", "throw", "data", "commit", "raise", "swallow", "nonsense", "unprepared");
    CAPTURE(trouble);
    Strings all = numbers(1, 20);
    all[6] += " " + trouble;
    world.publish(bodies(all));
    Running running{world.member(), [](consumer::RuntimeSettings& settings) {
                        settings.retries.age_max = 100ms;  // so that what fails is dead in a moment
                    }};
    REQUIRE(are_taken_on(world, 20));
    REQUIRE(is_at_rest(world));
    Strings others = numbers(1, 20);
    others.erase(others.begin() + 6);
    CHECK(sorted(world.effects()) == sorted(others));
    REQUIRE(work(world).size() == 1);
    CHECK_THAT(work(world).front(), Catch::StartsWith("dead "));
    // And in the same transaction an entry for its dead letter.
    CHECK(count(world, "journal.entry where topic like '%.dlq'") == 1);
    CHECK(count(world, "consumer.attempt") >= 1);
}

TEMPLATE_TEST_CASE("it tells how old is what it does, how large its batches are, and how long they take", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    Running running{world.member()};
    std::atomic<double> oldest = 0;
    running.handler().at_step = [&](const std::string& step) {
        if (step == "prepare") oldest = running.metrics().oldest_age.Value();
    };
    std::vector<archive::Event> events = numbered(1, 5);
    Timestamp received = SystemClock{}.now() - 1h;
    for (archive::Event& each : events) each.id = first_uuid_v7_at(received += 1ms);
    world.publish(events);
    REQUIRE(are_taken_on(world, 5));
    CHECK(oldest > 3599);
    CHECK(oldest < 3599 + 120);
    REQUIRE(comes_true([&] { return running.metrics().oldest_age.Value() == 0; }));
    const auto messages = running.metrics().batch_messages.Collect().histogram;
    const auto seconds = running.metrics().batch_seconds.Collect().histogram;
    CHECK(messages.sample_sum == 5);
    CHECK(seconds.sample_count == messages.sample_count);
    CHECK(seconds.sample_sum > 0);
    CHECK(seconds.sample_sum < 60);
}

TEMPLATE_TEST_CASE("a rejection is dead at once, and says why", "", JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    const Running running{world.member()};
    world.publish(bodies({"1", "2 reject", "3"}));
    REQUIRE(are_taken_on(world, 3));
    CHECK(world.effects() == Strings{"1", "3"});
    CHECK(work(world) == Strings{"dead 1: cannot do 2"});
    CHECK(count(world, "consumer.attempt where outcome = 'dead' and attempt = 1") == 1);
}

TEMPLATE_TEST_CASE("what fails is tried again until it works, and each attempt is kept", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    const std::string trouble = GENERATE("throw", "retry", "data", "nonsense");
    CAPTURE(trouble);
    Running running{world.member()};
    world.publish(bodies({"1", "2 " + trouble + " 3", "3"}));
    REQUIRE(comes_true([&] { return world.effects().size() == 3; }));
    REQUIRE(comes_true([&] { return work(world).empty(); }));
    CHECK(sorted(world.effects()) == numbers(1, 3));
    CHECK(count(world, "consumer.attempt where outcome = 'retry'") == 3);
    CHECK(running.metrics().done.Value() == 3);
}

TEMPLATE_TEST_CASE("what is held waits for whoever releases it, and is no attempt", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    const Running running{world.member()};
    world.publish(bodies({"1 hold 0", "2 hold", "3"}));
    REQUIRE(are_taken_on(world, 3));
    CHECK(work(world) == Strings{"held 0 unmapped: cannot do 2"});
    CHECK(count(world, "consumer.attempt where outcome <> 'done'") == 0);
    CHECK(world.effects() == Strings{"1", "3"});
}

TEMPLATE_TEST_CASE("a server that goes down in the middle of a batch uses up nobody's attempts", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    open(world.owner()).execute("insert into public.shut values (now())");
    Running running{world.member()};
    world.publish(bodies({"1", "2 locked", "3 throw 1"}));
    REQUIRE(comes_true([&] { return running.metrics().repeats.Value() >= 3; }));
    CHECK(world.effects().empty());
    CHECK(count(world, "consumer.inbox") == 0);
    open(world.owner()).execute("delete from public.shut");
    REQUIRE(comes_true([&] { return world.effects().size() == 3; }));
    CHECK(sorted(world.effects()) == numbers(1, 3));
    CHECK(count(world, "consumer.attempt where reason like '%terminating%'") == 0);
    CHECK(count(world, "consumer.attempt where outcome <> 'done'") == 1);
}

TEMPLATE_TEST_CASE("members that end in order in the middle of trouble condemn nobody", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    open(world.owner()).execute("insert into public.shut values (now())");
    world.publish(bodies({"1 locked"}));
    for (int restart = 0; restart < 5; ++restart) {
        Running running{world.member()};
        REQUIRE(comes_true([&] { return running.metrics().repeats.Value() >= 1; }));
        CHECK(running.stop());
    }
    open(world.owner()).execute("delete from public.shut");
    const Running last{world.member()};
    REQUIRE(comes_true([&] { return world.effects() == Strings{"1"}; }));
    CHECK(count(world, "consumer.work where state = 'dead'") == 0);
    CHECK(count(world, "consumer.attempt where reason like '%processes ended%'") == 0);
}

TEMPLATE_TEST_CASE("one message that makes its batch fail for ever holds up no other", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    open(world.owner()).execute("insert into public.shut values (now())");
    world.publish(bodies({"1", "2 locked", "3", "4 retry 1"}));
    const Running running{world.member(), [](consumer::RuntimeSettings& settings) {
                              settings.retries.backoff = {.base = 10s, .cap = 10s};
                          }};
    // The server answers, so it is no failure of the server's.
    REQUIRE(
        comes_true([&] { return sorted(world.effects()) == Strings{"1", "3"} && work(world).size() == 2; }));
    CHECK_THAT(work(world).front(), Catch::StartsWith("retrying 1: ") && Catch::Contains("alone"));
    // Nor does it, due again, hold up what is due beside it.
    const auto due_now = [&] {
        open(world.settings()).execute("update consumer.work set due_at = clock_timestamp()");
    };
    due_now();
    REQUIRE(comes_true([&] { return sorted(world.effects()) == Strings{"1", "3", "4"}; }));
    REQUIRE(
        comes_true([&] { return !work(world).empty() && work(world).front().starts_with("retrying 2: "); }));
    open(world.owner()).execute("delete from public.shut");
    due_now();
    CHECK(comes_true([&] { return sorted(world.effects()) == Strings{"1", "2", "3", "4"}; }));
}

TEMPLATE_TEST_CASE("what a deferred trigger refuses is the fault of its message", "", JournalWorld,
                   KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    open(world.owner())
        .execute_script(
            "create function public.refuse_seven() returns trigger language plpgsql as $$ begin "
            "if new.value = '7' then raise exception 'not in balance'; end if; return null; end $$;"
            "create constraint trigger seven after insert on public.effect deferrable initially deferred "
            "for each row execute function public.refuse_seven()");
    world.publish(bodies({"1", "7", "3"}));
    const Running running{world.member(), [](consumer::RuntimeSettings& settings) {
                              settings.retries.backoff = {.base = 60s, .cap = 60s};
                          }};
    REQUIRE(
        comes_true([&] { return sorted(world.effects()) == Strings{"1", "3"} && work(world).size() == 1; }));
    CHECK_THAT(work(world).front(), Catch::StartsWith("retrying 1: ") && Catch::Contains("not in balance"));
    open(world.settings()).execute("update consumer.work set due_at = clock_timestamp()");
    CHECK(comes_true([&] { return work(world).front().starts_with("retrying 2: "); }));
}

TEST_CASE("due rows are taken from the tenants in turn") {
    JournalWorld world;
    make_trial_tables(world);
    const Uuid small = make_uuid_v7();
    postgres::Connection connection = open(world.settings());
    must(consumer::register_consumer(connection, {.name = world.member().name}));
    const auto due = [&](const Uuid& whose, int rows) {
        for (int i = 0; i < rows; ++i) {
            connection.execute(
                "insert into consumer.work (consumer, message_id, tenant, state, due_at, reason, topic, "
                "value, "
                "headers) values ($1, $2, $3, 'retrying', clock_timestamp() - interval '1 second', 'x', "
                "'raw', "
                "$4, '[]')",
                world.member().name, make_uuid_v7(), whose, postgres::Bytes{whose == small ? "9" : "1"});
        }
    };
    due(tenant(), 30);
    due(small, 1);
    // Each row lacks its headers, so it is dead: who was run first shows in the order of their dying.
    const Running running{world.member(),
                          [](consumer::RuntimeSettings& settings) { settings.due_rows_max = 2; }};
    REQUIRE(comes_true([&] { return count(world, "consumer.work where state = 'dead'") == 31; }));
    const auto place = open(world.settings())
                           .execute(
                               "select count(*) from consumer.work w where changed_at < "
                               "(select changed_at from consumer.work where tenant = $1)",
                               small)
                           .only()
                           .get<std::int64_t>(0);
    CHECK(place <= 2);
}
