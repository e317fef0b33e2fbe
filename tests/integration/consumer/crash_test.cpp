// Handlers that end the process or never return, and members that are stopped: the messages at fault are
// found, and the others are done once.
#include <algorithm>
#include <csignal>

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

Strings sorted(Strings all) {
    std::ranges::sort(all);
    return all;
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
