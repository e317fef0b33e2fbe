// Latencies of millions of operations in 60 kB: log-linear buckets, as HdrHistogram has them.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace tollgate::load {

// Nanoseconds are counted exactly below 256, and above with 128 buckets for each doubling: a percentile is
// never too low, and at most 0.8 % too high. A load generator records from when an operation was due, not
// from when it could begin; else a stall hides the very operations that waited for it.
class Latencies {
public:
    void record(std::chrono::nanoseconds latency) {
        const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0));
        ++counts_[bucket_of(value)];
        ++count_;
        max_ = std::max(max_, value);
    }

    // What another thread recorded.
    void add(const Latencies& other) {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        count_ += other.count_;
        max_ = std::max(max_, other.max_);
    }

    std::uint64_t count() const { return count_; }
    std::chrono::nanoseconds max() const { return to_duration(max_); }

    // What `percent` of the operations did not exceed: 50 is the median, 100 the maximum. Zero without any.
    std::chrono::nanoseconds percentile(double percent) const {
        const auto wanted =
            static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_)));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (counts_[i] > 0 && seen >= wanted) return to_duration(std::min(highest_of(i), max_));
        }
        return to_duration(max_);
    }

private:
    static constexpr unsigned bits = 7;
    static constexpr std::uint64_t per_doubling = 1U << bits;
    // 63 bits of a value: two linear stretches below 256, and one for each of the 55 doublings above.
    static constexpr std::size_t bucket_count = (63 - bits + 1) * per_doubling;

    static std::size_t bucket_of(std::uint64_t value) {
        const auto width = static_cast<unsigned>(std::bit_width(value));
        const unsigned shift = width > bits + 1 ? width - bits - 1 : 0;
        return shift * per_doubling + (value >> shift);
    }

    static std::uint64_t highest_of(std::size_t bucket) {
        if (bucket < 2 * per_doubling) return bucket;
        const std::uint64_t shift = bucket / per_doubling - 1;
        return ((bucket - shift * per_doubling + 1) << shift) - 1;
    }

    static std::chrono::nanoseconds to_duration(std::uint64_t nanoseconds) {
        return std::chrono::nanoseconds{static_cast<std::int64_t>(nanoseconds)};
    }

    std::array<std::uint64_t, bucket_count> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace tollgate::load
