#include <algorithm>

#include <catch2/catch.hpp>

#include "archive/days.hpp"

using namespace tollgate;
using archive::make_ids_of_one_day;

namespace {

constexpr Timestamp midnight{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

// A clock that goes on by a millisecond with every id.
auto ids_from(Timestamp start) {
    return [next = start]() mutable {
        return first_uuid_v7_at(std::exchange(next, next + std::chrono::milliseconds{1}));
    };
}

}  // namespace

TEST_CASE("the ids of a request are of one day") {
    using std::chrono::milliseconds;
    // The fourth would be the next day's.
    const auto ids = make_ids_of_one_day(4, ids_from(midnight - milliseconds{3}));
    REQUIRE(ids.size() == 4);
    CHECK(time_of(ids.front()) == midnight + milliseconds{1});
    CHECK(time_of(ids.back()) == midnight + milliseconds{4});
    // These just fit.
    CHECK(time_of(make_ids_of_one_day(3, ids_from(midnight - milliseconds{3})).front()) ==
          midnight - milliseconds{3});
    CHECK(time_of(make_ids_of_one_day(3, ids_from(midnight)).front()) == midnight);
}

TEST_CASE("the ids of a request are in order, and as many as asked") {
    const auto ids = make_ids_of_one_day(1000);
    CHECK(ids.size() == 1000);
    CHECK(std::ranges::is_sorted(ids));
    CHECK(std::ranges::adjacent_find(ids) == ids.end());
    CHECK(make_ids_of_one_day(0).empty());
}
