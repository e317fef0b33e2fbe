// Sends traffic to a server on 127.0.0.1 over many connections, from one thread that costs little: it shares
// the machine with what it measures.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "load/tally.hpp"
#include "load/traffic.hpp"

namespace tollgate::load {

struct RunSettings {
    std::uint16_t port = 0;
    std::size_t connections = 1;
    std::chrono::nanoseconds ramp{0};  // before what is measured begins
    std::chrono::nanoseconds length{};
    // Requests a second, each due at its time, whether or not those before it were answered; it waits for a
    // free connection if there is none. Without: each connection sends its next request when it has its
    // answer.
    std::optional<double> per_second;
    std::chrono::nanoseconds patience{std::chrono::seconds{10}};  // with what is not answered in the end
};

// Ends early if the traffic does. Throws when nobody listens, or when what answers is not HTTP.
Tally run(const Traffic& traffic, const RunSettings& settings);

}  // namespace tollgate::load
