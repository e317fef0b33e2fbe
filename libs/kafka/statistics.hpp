// The few numbers of a producer that are worth a gauge, out of librdkafka's many.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::kafka {

struct ProducerStatistics {
    // As of now.
    std::size_t records_under_way = 0;
    // What librdkafka complained of last ("all brokers are down", "authentication failed"), empty once a
    // record has been acknowledged since. It waits through such trouble without end, so this is where to see
    // it.
    std::string trouble;

    // As of the last statistics interval, since this generation began.
    std::uint64_t queue_bytes = 0;
    std::uint64_t record_bytes = 0;                   // handed over to brokers, before compression
    std::uint64_t wire_bytes = 0;                     // what went through the sockets for it
    std::chrono::microseconds round_trip_average{0};  // of the slowest broker
    std::chrono::microseconds round_trip_p99{0};
};

// Fills in what librdkafka's statistics, a JSON object, know.
Result<void> read_statistics(std::string_view json, ProducerStatistics& into);

}  // namespace tollgate::kafka
