// When an event may pass whose tenant's plan limits how many do.
#include "enrichment/plan_limit.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace std::chrono_literals;
using enrichment::pace_of;
using enrichment::take_turn;

namespace {

constexpr Timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

}  // namespace

TEST_CASE("a burst passes at once, and the rest in turn") {
    const auto pace = pace_of({.events_per_minute = 60, .burst = 3});
    Timestamp next{};
    for (int i = 0; i < 3; ++i) CHECK(take_turn(next, pace, noon) <= noon);
    CHECK(take_turn(next, pace, noon) == noon + 1s);
    CHECK(take_turn(next, pace, noon) == noon + 2s);
    // What comes while they wait waits behind them.
    CHECK(take_turn(next, pace, noon + 1s) == noon + 3s);
}

TEST_CASE("who keeps to the rate never waits, whenever it is looked at") {
    const auto pace = pace_of({.events_per_minute = 60, .burst = 1});
    Timestamp next{};
    for (int i = 0; i < 1000; ++i) CHECK(take_turn(next, pace, noon + i * 1s) == noon + i * 1s);
}

TEST_CASE("what was not used up is worth one burst, however long it was") {
    const auto pace = pace_of({.events_per_minute = 600, .burst = 5});
    Timestamp next{};
    take_turn(next, pace, noon);
    const Timestamp later = noon + 24h;
    int passed = 0;
    while (take_turn(next, pace, later) <= later) ++passed;
    CHECK(passed == 5);
}

TEST_CASE("one that was received earlier than others who had their turn takes no room from the past") {
    const auto pace = pace_of({.events_per_minute = 60, .burst = 1});
    Timestamp next{};
    CHECK(take_turn(next, pace, noon) == noon);
    CHECK(take_turn(next, pace, noon - 1h) == noon + 1s);
}
