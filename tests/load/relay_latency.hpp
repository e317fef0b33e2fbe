// How soon what is committed is with a consumer of the topic.
#pragma once

#include "load/database.hpp"
#include "load/latency.hpp"

namespace tollgate::load {

struct RelayLatency {
    Latencies commit_to_receipt;
    Latencies send_to_receipt;  // by a producer alone, at the same pace
};
RelayLatency measure_relay_latency(const Surroundings& surroundings);

}  // namespace tollgate::load
