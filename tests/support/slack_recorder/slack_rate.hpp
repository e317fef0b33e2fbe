// How many messages a channel still takes.
#pragma once

#include <chrono>

namespace tollgate::test {

class SlackRate {
public:
    using Time = std::chrono::steady_clock::time_point;

    SlackRate(double per_second, double burst) : per_second_{per_second}, burst_{burst}, left_{burst} {}

    // Nothing if one more may come now, and then it is counted; else how long to wait, in whole seconds.
    std::chrono::seconds take(Time now);

private:
    double per_second_;
    double burst_;
    double left_;
    Time at_{};
};

}  // namespace tollgate::test
