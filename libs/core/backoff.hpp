// Delays between attempts: exponential with full jitter, so that those who failed together do not come
// back together.
#pragma once

#include <chrono>
#include <cstdint>

namespace tollgate {

struct Backoff {
    std::chrono::milliseconds base{1000};
    std::chrono::milliseconds cap{std::chrono::minutes{15}};

    // attempt  1   2   3   4   5 ...        (base 1 s)
    // ceiling  1s  2s  4s  8s  16s ... cap
    std::chrono::milliseconds ceiling(std::uint32_t attempt) const;

    // Somewhere between 0 and the ceiling; `random` is uniform over all 64 bits, the caller's so that tests
    // can choose it.
    std::chrono::milliseconds delay(std::uint32_t attempt, std::uint64_t random) const;

    // The same with a random number of the calling thread's own.
    std::chrono::milliseconds delay(std::uint32_t attempt) const;
};

}  // namespace tollgate
