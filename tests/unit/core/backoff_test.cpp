#include "core/backoff.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace std::chrono_literals;

TEST_CASE("the ceiling doubles up to the cap and stays there") {
    const Backoff backoff{.base = 1s, .cap = 10s};
    CHECK(backoff.ceiling(0) == 1s);
    CHECK(backoff.ceiling(1) == 1s);
    CHECK(backoff.ceiling(2) == 2s);
    CHECK(backoff.ceiling(4) == 8s);
    CHECK(backoff.ceiling(5) == 10s);
    CHECK(backoff.ceiling(4'000'000'000U) == 10s);
}

TEST_CASE("no cap is too large and no base too large for its cap") {
    const auto largest = std::chrono::milliseconds{INT64_MAX};
    CHECK(Backoff{.base = 1s, .cap = largest}.ceiling(4'000'000'000U) == largest);
    CHECK(Backoff{.base = 10s, .cap = 1s}.ceiling(1) == 1s);
    CHECK(Backoff{.base = 0s, .cap = 1s}.delay(7, 12345) == 0s);
}

TEST_CASE("the delay lies anywhere from nothing to the ceiling") {
    const Backoff backoff{.base = 100ms, .cap = 1s};
    CHECK(backoff.delay(1, 0) == 0ms);
    CHECK(backoff.delay(1, 100) == 100ms);
    CHECK(backoff.delay(1, 101) == 0ms);
    for (std::uint32_t attempt = 1; attempt < 20; ++attempt)
        CHECK(backoff.delay(attempt) <= backoff.ceiling(attempt));
}
