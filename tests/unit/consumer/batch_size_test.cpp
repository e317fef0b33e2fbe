#include "consumer/batch_size.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::consumer;
using namespace std::chrono_literals;

TEST_CASE("what ran into a time limit is tried in halves, and grows again when none was met for a while") {
    BatchSize size;
    const BatchSize::Time now{1h};
    CHECK(size.of(500, now) == 500);
    size.failed(ErrorCode::timed_out, 500, now);
    CHECK(size.of(500, now) == 250);
    size.failed(ErrorCode::timed_out, 250, now);
    CHECK(size.of(500, now) == 125);
    CHECK(size.of(100, now) == 100);
    CHECK(size.of(500, now + 29s) == 125);
    CHECK(size.of(500, now + 30s) == 250);
    // It does not grow past what still fails.
    size.failed(ErrorCode::timed_out, 250, now + 31s);
    CHECK(size.of(500, now + 60s) == 125);
    CHECK(size.of(500, now + 1h) == 500);
}

TEST_CASE("one alone is tried alone, and other failures change nothing") {
    BatchSize size;
    const BatchSize::Time now{1h};
    size.failed(ErrorCode::unavailable, 500, now);
    size.failed(ErrorCode::bad_data, 500, now);
    CHECK(size.of(500, now) == 500);
    size.failed(ErrorCode::timed_out, 1, now);
    CHECK(size.of(500, now) == 1);
}
