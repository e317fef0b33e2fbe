#include "core/backoff.hpp"

#include <random>

namespace tollgate {

std::chrono::milliseconds Backoff::ceiling(std::uint32_t attempt) const {
    std::chrono::milliseconds ceiling = std::min(base, cap);
    for (std::uint32_t i = 1; i < attempt && ceiling < cap; ++i) {
        // Compared before doubling, so that no cap is too large to be reached without overflow.
        ceiling = ceiling > cap / 2 ? cap : ceiling * 2;
    }
    return ceiling;
}

std::chrono::milliseconds Backoff::delay(std::uint32_t attempt, std::uint64_t random) const {
    const auto span = static_cast<std::uint64_t>(ceiling(attempt).count()) + 1;
    return std::chrono::milliseconds{static_cast<std::int64_t>(random % span)};
}

std::chrono::milliseconds Backoff::delay(std::uint32_t attempt) const {
    thread_local std::mt19937_64 generator{std::random_device{}()};
    return delay(attempt, generator());
}

}  // namespace tollgate
