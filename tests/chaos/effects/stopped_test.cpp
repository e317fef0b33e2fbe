// Two processes of a consumer, one of them stopped in the middle of a batch and continued after the other has
// taken its part: it changes nothing, and takes part again later.
#include <csignal>
#include <fstream>

#include <catch2/catch.hpp>

#include "effects.hpp"
#include "integration/relay/own_broker.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using consumer::Bus;

namespace {

const std::vector<std::string> nothing;
// That it stands still must not end it.
const std::string no_deadline = "deadline=600000";

bool stands_still(const ChildProcess& process) {
    std::ifstream file{fmt::format("/proc/{}/stat", process.pid())};
    std::string all;
    std::getline(file, all);
    const std::size_t behind_name = all.rfind(") ");
    return behind_name != std::string::npos && all[behind_name + 2] == 'T';
}

void stop_at(World& world, const std::string& step) {
    INFO(step);
    world.publish(30);
    const auto stopped = world.start_member({"stop:" + step, "1", no_deadline});
    REQUIRE(wait_until([&] { return stands_still(*stopped); }, 60s));
    const auto other = world.start_member();
    // Its claims of rows would last for as long as its handler may take.
    world.let_lapse();
    REQUIRE(comes_to_rest(world));
    // So that the other one is further than the batch that was stopped.
    world.publish(30);
    REQUIRE(comes_to_rest(world));
    const auto effects_before = effects(world);
    const auto positions_before = positions(world);
    CHECK(strange(world) == nothing);

    stopped->signal(SIGCONT);
    REQUIRE(wait_until([&] { return stopped->out().contains("goes on"); }, 60s));
    CHECK((effects(world) == effects_before));
    CHECK(positions(world) == positions_before);

    other->signal(SIGKILL);
    CHECK(other->wait() == 128 + SIGKILL);
    world.publish(30);
    REQUIRE(comes_to_rest(world));
    CHECK(strange(world) == nothing);
    CHECK(stopped->running());
}

}  // namespace

TEST_CASE("a consumer of the journal that was stopped past its lease changes nothing") {
    World world{Bus::journal};
    stop_at(world, "prepare");
    stop_at(world, "applied");
    stop_at(world, "due_prepare");
}

TEST_CASE("a consumer of Kafka that was stopped past its session changes nothing") {
    const OwnBroker broker;
    World world{Bus::kafka, broker.address()};
    stop_at(world, "prepare");
    stop_at(world, "applied");
    stop_at(world, "due_prepare");
}
