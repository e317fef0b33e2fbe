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
    std::promise<void> release;
    Health health{{.check_every = milliseconds{1}, .answer_valid_for = milliseconds{20}}};
    std::atomic<int> asked = 0;
    health.ready_when("database", [&]() -> Result<void> {
        if (++asked > 1) release.get_future().wait();
        return {};
    });
    health.start();
    CHECK(test::wait_until([&] { return asked > 1; }));
    CHECK(test::wait_until([&] { return health.readiness().json.contains("no answer for"); }));
    CHECK_FALSE(health.readiness().well);
    release.set_value();
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
    Health health;
    Heartbeat& heartbeat = health.alive_while("relay", milliseconds{30});
    health.start();
    heartbeat.beat();
    CHECK(health.liveness().well);
    CHECK(test::wait_until([&] { return !health.liveness().well; }));
    CHECK_THAT(health.liveness().json, Catch::Contains("silent for"));
    heartbeat.beat();
    CHECK(health.liveness().well);
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
