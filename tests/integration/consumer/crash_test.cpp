// Handlers that end the process or never return, and members that are stopped: the messages at fault are
// found, and the others are done once.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>

#include <catch2/catch.hpp>

#include "running.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

std::unique_ptr<ChildProcess> start(const World& world) {
    const MemberSettings m = world.member();
    return std::make_unique<ChildProcess>(
        built("test-trial-consumer"), std::vector<std::string>{m.bus, m.name, m.database.url.reveal(),
                                                               m.database.role, m.brokers, m.topic_prefix});
}

// As a supervisor does: starts it again as often as it ends.
int start_until(const World& world, const std::function<bool()>& condition) {
    int ends = 0;
    auto process = start(world);
    const bool came = wait_until(
        [&] {
            if (!process->running()) {
                ++ends;
                process = start(world);
            }
            return condition();
        },
        170s);
    return came ? ends : -1;
}

}  // namespace

TEMPLATE_TEST_CASE(
    "a message that ends the process is condemned after three times alone, and the others are done", "",
    JournalWorld, KafkaWorld) {
    TestType world;
    make_trial_tables(world);
    std::vector<archive::Event> events = numbered(1, 6);
    // One that hangs is ended by its own process, in which the bus has no part.
    events[3].body = std::is_same_v<TestType, JournalWorld> ? "4 hang" : "4 crash";
    world.publish(events);
    const int ends = start_until(world, [&] {
        return count(world, "consumer.work where state = 'dead'") == 1 && world.effects().size() == 5;
    });
    // Once among others, and then alone.
    CHECK(ends == 4);
    CHECK(sorted(world.effects()) == Strings{"1", "2", "3", "5", "6"});
    CHECK(work(world) ==
          Strings{"dead 1: 3 processes ended while this message was the only one that they ran"});
}

TEST_CASE("a row that ends the process when it is tried again is condemned, and the others are done") {
    JournalWorld world;
    make_trial_tables(world);
    std::vector<archive::Event> events = numbered(1, 3);
    events[0].body = "1 retry 1";
    events[1].body = "2 throw 1";
    events[2].body = "3 crash_later";
    world.publish(events);
    const int ends = start_until(world, [&] {
        return count(world, "consumer.work where state = 'dead'") == 1 && world.effects().size() == 2;
    });
    CHECK(ends >= 3);
    CHECK(sorted(world.effects()) == Strings{"1", "2"});
}

TEST_CASE("what a member that is alive has claimed is no crash's, however long ago it did") {
    JournalWorld world;
    make_trial_tables(world);
    world.publish({event("1 retry 1")});
    {
        const Running running{world.member(), [](consumer::RuntimeSettings& settings) {
                                  settings.retries.backoff = {.base = 1h, .cap = 1h};
                              }};
        REQUIRE(comes_true([&] { return work(world).size() == 1; }));
    }
    // As another member would have left it that ran it alone and was slow.
    postgres::Connection connection = open(world.settings());
    const Uuid other = make_uuid_v4();
    connection.execute(
        "update consumer.work set due_at = clock_timestamp(), begun_by = $1, begun_alone = true, "
        "begun_until = clock_timestamp() - interval '1 second', crashes = 2",
        other);
    connection.execute(
        "insert into consumer.begun (consumer, member, message_ids) values ('enrichment', $1, '{}')", other);
    {
        const Running running{world.member(),
                              [](consumer::RuntimeSettings& settings) { settings.silence = 1h; }};
        // Each of these is tried again, and so what is due has been looked for.
        for (int number = 2; number <= 8; ++number) {
            world.publish({event(std::to_string(number) + " retry 1")});
            REQUIRE(
                comes_true([&] { return world.effects().size() == static_cast<std::size_t>(number - 1); }));
        }
        CHECK(count(world, "consumer.work where crashes = 2 and state = 'retrying'") == 1);
    }
    // From this one's point of view it has been silent for too long.
    const Running running{world.member(),
                          [](consumer::RuntimeSettings& settings) { settings.silence = 100ms; }};
    CHECK(comes_true([&] { return count(world, "consumer.work where state = 'dead'") == 1; }));
}

TEST_CASE("a message is not condemned while the member that ran it alone may be alive") {
    JournalWorld world;
    make_trial_tables(world);
    const std::vector<archive::Event> events = numbered(1, 3);
    world.publish(events);
    open(world.owner())
        .execute(
            "insert into consumer.begun (consumer, member, message_ids, crashes) values ('enrichment', $1, "
            "array[$2::uuid], 2)",
            make_uuid_v4(), events[1].id);
    {
        Running running{world.member(), [](consumer::RuntimeSettings& settings) { settings.silence = 1h; }};
        REQUIRE(comes_true([&] { return running.metrics().repeats.Value() >= 3; }));
        CHECK(world.effects() == Strings{"1"});
        CHECK(work(world).empty());
    }
    const Running running{world.member(),
                          [](consumer::RuntimeSettings& settings) { settings.silence = 100ms; }};
    REQUIRE(comes_true([&] { return world.effects() == Strings{"1", "3"}; }));
    CHECK(work(world) ==
          Strings{"dead 1: 3 processes ended while this message was the only one that they ran"});
}

TEST_CASE("a member says that it is alive before each try, however often a batch splits") {
    JournalWorld world;
    make_trial_tables(world);
    std::atomic<int> beats = 0;
    Running running{world.member(), [&](consumer::RuntimeSettings& settings) {
                        settings.alive = [&] { ++beats; };
                        settings.retries.age_max = 1ms;
                    }};
    std::vector<int> at_tries;
    running.handler().at_step = [&](const std::string& step) {
        if (step == "prepare") at_tries.push_back(beats);
    };
    std::vector<archive::Event> events = numbered(1, 16);
    events[4].body += " throw";
    world.publish(events);
    REQUIRE(comes_true([&] { return world.effects().size() == 15; }));
    REQUIRE(running.stop());
    REQUIRE(at_tries.size() > 4);
    CHECK(std::ranges::adjacent_find(at_tries, std::ranges::greater_equal{}) == at_tries.end());
}
