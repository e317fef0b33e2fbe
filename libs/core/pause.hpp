// Waiting between two attempts, and not a moment longer once the work is to stop.
#pragma once

#include <chrono>
#include <stop_token>

namespace tollgate {

// False if it was cut short.
bool pause(std::chrono::nanoseconds length, const std::stop_token& stop);

}  // namespace tollgate
