#include "support/slack_recorder/slack_rate.hpp"

#include <algorithm>
#include <cmath>

namespace tollgate::test {

std::chrono::seconds SlackRate::take(Time now) {
    const double passed = at_ == Time{} ? 0 : std::chrono::duration<double>(now - at_).count();
    left_ = std::min(burst_, left_ + (passed * per_second_));
    at_ = now;
    if (left_ >= 1) {
        left_ -= 1;
        return std::chrono::seconds{0};
    }
    return std::chrono::seconds{std::max(1L, std::lround(std::ceil((1 - left_) / per_second_)))};
}

}  // namespace tollgate::test
