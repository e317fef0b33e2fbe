#include "process/health.hpp"

#include <atomic>
#include <future>

#include <catch2/catch.hpp>

#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::process;
using std::chrono::milliseconds;

TEST_CASE("a process is ready when every check says so and not before it was asked") {
    std::atomic<bool> broker_is_there = false;
    Health health{{.check_every = milliseconds{1}}};
    health.ready_when("database", [] { return Result<void>{}; });
    health.ready_when("broker", [&]() -> Result<void> {
        if (!broker_is_there) return fail(ErrorCode::unavailable, "connection refused");
        return {};
    });
    CHECK(health.readiness().json == R"({"status":"not ready","checks":{"process":"starting"}})");
    health.start();
    CHECK(test::wait_until(
        [&] { return health.readiness().json.contains("unavailable: connection refused"); }));
    CHECK_FALSE(health.readiness().well);
    broker_is_there = true;
    CHECK(test::wait_until([&] { return health.readiness().well; }));
    CHECK(health.readiness().json == R"({"status":"ready","checks":{"database":"ok","broker":"ok"}})");
}

TEST_CASE("a check that hangs makes the process not ready and delays no probe") {
    // All that the check looks at comes before `health`, whose thread may ask until the end.
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::atomic<int> asked = 0;
    Health health{{.check_every = milliseconds{1}, .answer_valid_for = milliseconds{20}}};
    health.ready_when("database", [&]() -> Result<void> {
        if (++asked > 1) released.wait();
        return {};
    });
    health.start();
    CHECK(test::wait_until([&] { return asked > 1; }));
    CHECK(test::wait_until([&] { return health.readiness().json.contains("no answer for"); }));
    CHECK_FALSE(health.readiness().well);
    release.set_value();
}

TEST_CASE("readiness is told by gauges from the start on and until it drains") {
    telemetry::Metrics metrics;
    telemetry::Gauge& gauge = metrics.gauge("ingress_ready", "");
    Health health{{.check_every = milliseconds{1}}};
    health.ready_when("database", [] { return Result<void>{}; });
    health.show_readiness_by(gauge);
    health.show_readiness();
    CHECK(gauge.Value() == 0);
    health.start();
    CHECK(test::wait_until([&] {
        health.show_readiness();
        return gauge.Value() == 1;
    }));
    health.begin_drain();
    health.show_readiness();
    CHECK(gauge.Value() == 0);
}

TEST_CASE("a draining process is not ready and still alive") {
    Health health{{.check_every = milliseconds{1}}};
    health.ready_when("database", [] { return Result<void>{}; });
    health.start();
    CHECK(test::wait_until([&] { return health.readiness().well; }));
    health.begin_drain();
    CHECK_FALSE(health.readiness().well);
    CHECK(health.liveness().well);
}

TEST_CASE("a loop that is silent for too long is stuck") {
    // Nobody is fast enough for the one silence and nobody slow enough for the other.
    Health health;
    Heartbeat& patient = health.alive_while("relay", std::chrono::hours{1});
    health.start();
    patient.beat();
    CHECK(health.liveness().well);

    Health strict_health;
    Heartbeat& strict = strict_health.alive_while("relay", milliseconds{1});
    strict_health.start();
    strict.beat();
    CHECK(test::wait_until([&] { return !strict_health.liveness().well; }));
    CHECK(test::wait_until([&] { return strict_health.liveness().json.contains("silent for"); }));
}

TEST_CASE("one silent loop is enough and a beat brings it back") {
    Health health;
    Heartbeat& sender = health.alive_while("sender", std::chrono::hours{1});
    Heartbeat& relay = health.alive_while("relay", milliseconds{1});
    health.start();
    sender.beat();
    CHECK(test::wait_until([&] { return !health.liveness().well; }));
    CHECK(health.liveness().json.contains(R"("sender":"ok")"));
    // A beat counts for a millisecond only, so some of many looks right after one see it.
    CHECK(test::wait_until([&] {
        relay.beat();
        return health.liveness().well;
    }));
}

TEST_CASE("an error in a check shows no password") {
    Health health{{.check_every = milliseconds{1}}};
    health.ready_when("database", []() -> Result<void> {
        return fail(ErrorCode::unavailable, "postgresql://u:hunter2@db/x is away");
    });
    health.start();
    CHECK(test::wait_until([&] { return health.readiness().json.contains("is away"); }));
    CHECK_THAT(health.readiness().json, !Catch::Contains("hunter2"));
}
