// A sum of amounts that may be more than an amount can be. Pure.
#pragma once

#include <cstdint>
#include <limits>

namespace tollgate::enrichment {

class MoneySum {
public:
    // Neither is negative, and only what was added is taken away.
    void add(std::int64_t minor) {
        high_ += minor >> bits;
        low_ += minor & mask;
    }
    void take_away(std::int64_t minor) {
        high_ -= minor >> bits;
        low_ -= minor & mask;
    }

    // However much somebody claims to have paid, it can be told: as the most there is.
    std::int64_t total() const {
        const std::int64_t high = high_ + (low_ >> bits);
        if (high > (std::numeric_limits<std::int64_t>::max() >> bits))
            return std::numeric_limits<std::int64_t>::max();
        return (high << bits) + (low_ & mask);
    }

private:
    static constexpr int bits = 32;
    static constexpr std::int64_t mask = (std::int64_t{1} << bits) - 1;

    std::int64_t high_ = 0;
    std::int64_t low_ = 0;
};

}  // namespace tollgate::enrichment
