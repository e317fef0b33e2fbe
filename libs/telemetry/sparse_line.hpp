// A line of the log that a peer could have written as often as it likes: one in a while, and how often it
// would have been there.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace tollgate::telemetry {

// Safe from any thread.
class SparseLine {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit SparseLine(std::chrono::nanoseconds apart = std::chrono::minutes{1}) : apart_{apart} {}

    // How often it was asked for since it was last due, this time included; 0: it is not due yet.
    std::uint64_t due(TimePoint now) {
        ++asked_;
        TimePoint next = next_.load(std::memory_order_relaxed);
        if (now < next || !next_.compare_exchange_strong(next, now + apart_)) return 0;
        return asked_.exchange(0);
    }

private:
    const std::chrono::nanoseconds apart_;
    std::atomic<std::uint64_t> asked_ = 0;
    std::atomic<TimePoint> next_ = TimePoint::min();
};

}  // namespace tollgate::telemetry
