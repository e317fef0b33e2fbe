// Tries a range, and where a message in it is at fault its halves, until that one stands alone.
#pragma once

#include <cstddef>

#include "consumer/handling.hpp"

namespace tollgate::consumer {

// [begin, end)
struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;

    std::size_t size() const { return end - begin; }
};

// `attempt(range)` gives Handled<void>, `settle_alone(index, fault)` a Result<void>. In order, so that what
// was done before a failure that is nobody's fault stays done.
template <typename Attempt, typename SettleAlone>
Result<void> split_until_done(Range range, const Attempt& attempt, const SettleAlone& settle_alone) {
    const Handled<void> tried = attempt(range);
    if (tried) return {};
    if (!tried.error().fault) return std::unexpected{tried.error().error};
    if (range.size() == 1) return settle_alone(range.begin, *tried.error().fault);
    const std::size_t middle = range.begin + range.size() / 2;
    const auto first = split_until_done(Range{range.begin, middle}, attempt, settle_alone);
    if (!first) return first;
    return split_until_done(Range{middle, range.end}, attempt, settle_alone);
}

}  // namespace tollgate::consumer
