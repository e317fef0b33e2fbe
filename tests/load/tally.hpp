// What came of a run.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/uuid.hpp"
#include "load/latency.hpp"

namespace tollgate::load {

struct Tally {
    std::map<int, std::uint64_t> statuses;  // of all answers
    std::uint64_t lost = 0;            // requests whose connection ended, or that had no answer in the end
    std::uint64_t unreadable = 0;      // 200 without a receipt
    std::uint64_t contradictions = 0;  // an event that got two ids, or was new twice

    std::chrono::steady_clock::time_point began;  // when the first request was due

    // Between ramp and end: what was answered 200, and from when it was due until then.
    double seconds = 0;
    std::uint64_t accepted = 0;
    std::uint64_t duplicates = 0;
    Latencies latencies;

    // For each event of the traffic the id that it was acknowledged with; zero for none.
    std::vector<Uuid> event_ids;

    double accepted_per_second() const { return static_cast<double>(accepted) / seconds; }
    double answered_per_second() const { return static_cast<double>(accepted + duplicates) / seconds; }

    std::uint64_t not_200() const {
        std::uint64_t count = lost + unreadable;
        for (const auto& [status, answers] : statuses) count += status == 200 ? 0 : answers;
        return count;
    }
};

}  // namespace tollgate::load
