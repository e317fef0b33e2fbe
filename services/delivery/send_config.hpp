// How messages are sent: the settings [delivery].
#pragma once

#include <chrono>
#include <cstdint>

#include "process/settings.hpp"

namespace tollgate::delivery {

struct SendConfig {
    std::int32_t calls_max = 64;                // under way
    std::int32_t destination_calls_max = 4;     // likewise, for one destination, whoever makes them
    std::chrono::milliseconds lease{30'000};    // that a claimed message is ours for
    std::chrono::milliseconds look_every{100};  // for what is due
    std::chrono::milliseconds retry_base{2'000};
    std::chrono::milliseconds retry_age_max{std::chrono::hours{6}};
    std::size_t threads = 1;

    void declare(process::Settings& settings);
    // A call that takes as long as it may is over well before its lease.
    Result<void> check(std::chrono::milliseconds call_timeout) const;
};

}  // namespace tollgate::delivery
