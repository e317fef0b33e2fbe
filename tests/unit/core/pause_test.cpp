#include "core/pause.hpp"

#include <thread>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("a pause lasts as long as it should, and no longer than until the stop") {
    std::stop_source stop;
    const auto began = std::chrono::steady_clock::now();
    CHECK(tollgate::pause(20ms, stop.get_token()));
    CHECK(std::chrono::steady_clock::now() - began >= 20ms);
    std::jthread stopping{[&] { stop.request_stop(); }};
    CHECK_FALSE(tollgate::pause(1h, stop.get_token()));
    CHECK_FALSE(tollgate::pause(1h, stop.get_token()));
}
