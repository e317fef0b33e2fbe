// Faults at random points of a seeded run, on both buses in turn; afterwards each event has its effect once.
#include <cstdlib>

#include <catch2/catch.hpp>

#include "core/pause.hpp"
#include "effects.hpp"
#include "integration/relay/own_broker.hpp"
#include "members.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kills_wanted = 50;
// Each bus has two parts of the time.
constexpr int parts = 4;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment while tests run
    const char* text = std::getenv(variable);
    return text == nullptr || *text == '\0' ? otherwise : std::strtoull(text, nullptr, 10);
}

// Also while the bus is turned.
std::jthread publish_all_the_time(World& world) {
    return std::jthread{[&world](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            world.publish(3);
            pause(60ms, stop);
        }
    }};
}

}  // namespace

TEST_CASE("whatever is killed or stopped and however the bus is turned each effect happens once") {
    const std::uint64_t seed = number_from("TOLLGATE_TEST_CHAOS_SEED", std::random_device{}());
    const std::chrono::seconds length{number_from("TOLLGATE_TEST_CHAOS_SECONDS", 60)};
    INFO("TOLLGATE_TEST_CHAOS_SEED=" << seed);
    Chance chance{seed};
    const OwnBroker broker;
    World world{consumer::Bus::journal, broker.address()};
    Members members{world, chance};
    std::string story;
    std::size_t turns = 0;
    auto publisher = publish_all_the_time(world);
    const auto began = steady_clock::now();
    auto switch_at = began + length / parts;
    while (steady_clock::now() < began + length || members.kills() < kills_wanted) {
        pause(std::chrono::milliseconds{50 + chance() % 800}, {});
        members.tend();
        story += members.harm() + "\n";
        if (steady_clock::now() < switch_at) continue;
        story += members.switch_bus() + "\n";
        ++turns;
        switch_at += length / parts;
    }
    members.heal();
    publisher.request_stop();
    publisher.join();
    INFO(story);
    const std::size_t condemned = require_each_effect_once(world);
    WARN(
        fmt::format("seed {}: {} kills, {} events, {} entries put again, {} repeats of events to members, "
                    "the bus turned {} "
                    "times, {} condemned and replayed",
                    seed, members.kills(), world.published().size(), members.repeats(), world.repeats(),
                    turns, condemned));
}
