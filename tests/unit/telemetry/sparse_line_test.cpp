#include "telemetry/sparse_line.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using tollgate::telemetry::SparseLine;

TEST_CASE("a sparse line is due once in a while, and tells how often it would have been there") {
    const SparseLine::TimePoint start = std::chrono::steady_clock::now();
    SparseLine line;
    CHECK(line.due(start) == 1);
    CHECK(line.due(start) == 0);
    CHECK(line.due(start + 59s) == 0);
    CHECK(line.due(start + 60s) == 3);
    CHECK(line.due(start + 61s) == 0);
    CHECK(line.due(start + 3min) == 2);
}
