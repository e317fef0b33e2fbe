// librdkafka as it comes, reading a topic and counting: as fast as a consumer can be here.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tollgate::load {

struct BareConsumer {
    std::string brokers;
    std::string topic;
    std::int32_t partitions = 0;
    std::uint64_t fetched_ahead_kb = 0;  // per partition
    int records_max = 0;                 // taken at a time

    // From the first record of the log on, from when the first came until so many have. Throws when none
    // comes for a minute.
    std::chrono::duration<double> read(std::uint64_t records) const;
};

}  // namespace tollgate::load
