// When each request of an open loop is due: at a fixed rate, whatever became of those before it. They are due
// by the handful, because to be woken for each would cost more than to send it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tollgate::load {

class OpenSchedule {
public:
    using Time = std::chrono::steady_clock::time_point;

    OpenSchedule(Time begin, double per_second) : begin_{begin}, per_second_{per_second} {}

    // From the begin each time, so that no rounding adds up.
    Time due(std::size_t request) const {
        const double seconds = static_cast<double>(request) / per_second_;
        return begin_ + handful_every * static_cast<std::int64_t>(seconds / handful_seconds);
    }

private:
    static constexpr std::chrono::microseconds handful_every{250};
    static constexpr double handful_seconds = std::chrono::duration<double>{handful_every}.count();

    Time begin_;
    double per_second_;
};

}  // namespace tollgate::load
