// Several relays at once: one produces, and another goes on when it does not any more.
#include <csignal>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using test::Load;
using test::Pipeline;
using test::RelayProcess;
using test::TopicReader;
using SteadyClock = std::chrono::steady_clock;

namespace {

// One produces and the other is ready to.
struct Pair {
    explicit Pair(const Pipeline& pipeline) : one{pipeline}, other{pipeline} {
        REQUIRE(one.becomes_ready());
        REQUIRE(other.becomes_ready());
        REQUIRE(test::wait_until([&] { return one.is_producing() != other.is_producing(); }));
    }

    RelayProcess& active() { return one.is_producing() ? one : other; }
    RelayProcess& standby() { return one.is_producing() ? other : one; }

    RelayProcess one;
    RelayProcess other;
};

// How long it takes until this one produces.
std::chrono::milliseconds until_producing(const RelayProcess& relay) {
    const auto began = SteadyClock::now();
    REQUIRE(test::wait_until([&] { return relay.is_producing(); }, 20s));
    return std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began);
}

// All that was committed is on the topic, each key's in its order.
void check_complete(TopicReader& reader, Load& load) {
    const auto committed = load.stop();
    REQUIRE(reader.read_until(test::count(committed)));
    CHECK(reader.first_occurrences() == committed);
}

bool committed_more(const Load& load, std::size_t than) {
    return test::wait_until([&] { return load.committed() > than; }, 30s);
}

}  // namespace

TEST_CASE("another relay goes on within three seconds of a kill") {
    Pipeline pipeline;
    Pair relays{pipeline};
    TopicReader reader{pipeline, "raw"};
    Load load{pipeline};
    REQUIRE(committed_more(load, 400));
    RelayProcess& killed = relays.active();
    RelayProcess& standby = relays.standby();
    killed.process().signal(SIGKILL);
    CHECK(until_producing(standby) < 3s);
    REQUIRE(committed_more(load, load.committed() + 400));
    check_complete(reader, load);
}

TEST_CASE("a relay that was stopped and goes on moves and sends nothing") {
    Pipeline pipeline;
    Pair relays{pipeline};
    TopicReader reader{pipeline, "raw"};
    Load load{pipeline};
    REQUIRE(committed_more(load, 400));
    RelayProcess& stopped = relays.active();
    RelayProcess& standby = relays.standby();
    stopped.process().signal(SIGSTOP);
    CHECK(until_producing(standby) < 3s);
    REQUIRE(committed_more(load, load.committed() + 400));
    const std::int64_t epoch = pipeline.reader().epoch;
    const Uuid holder = pipeline.reader().holder.value();
    stopped.process().signal(SIGCONT);
    REQUIRE(test::wait_until([&] { return stopped.metric("producing") == 0; }));
    const double produced_before = stopped.metric("records_produced_total");
    REQUIRE(committed_more(load, load.committed() + 400));
    check_complete(reader, load);
    CHECK(stopped.metric("records_produced_total") == produced_before);
    CHECK(stopped.metric("producing") == 0);
    CHECK(standby.is_producing());
    CHECK(pipeline.reader().epoch == epoch);
    CHECK(pipeline.reader().holder == holder);
}

TEST_CASE("a relay that is told to stop hands over at once and without repeats") {
    Pipeline pipeline;
    Pair relays{pipeline};
    TopicReader reader{pipeline, "raw"};
    Load load{pipeline};
    REQUIRE(committed_more(load, 400));
    RelayProcess& told = relays.active();
    RelayProcess& standby = relays.standby();
    told.process().signal(SIGTERM);
    CHECK(told.process().wait() == 0);
    // It looks four times a second.
    CHECK(until_producing(standby) < 1s);
    REQUIRE(committed_more(load, load.committed() + 400));
    check_complete(reader, load);
    CHECK(reader.seen().size() == reader.events());
}
