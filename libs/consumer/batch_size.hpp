// How many messages are tried at once. A batch that ran into a time limit is tried smaller, and for some time
// what follows is too: a message that takes long is nobody's fault, and its neighbours are not to wait for it
// again and again. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "core/result.hpp"

namespace tollgate::consumer {

class BatchSize {
public:
    using Time = std::chrono::steady_clock::time_point;

    // Of a batch of so many. What did not run into it again may be twice as many, now and then.
    std::size_t of(std::size_t messages, Time now) {
        while (most_ < no_limit && now >= grows_at_) {
            most_ = most_ > no_limit / 2 ? no_limit : most_ * 2;
            grows_at_ += grows_every;
        }
        return std::min(messages, most_);
    }

    // So many were tried, and this is why they were not done.
    void failed(ErrorCode why, std::size_t messages, Time now) {
        if (why != ErrorCode::timed_out || messages == 0) return;
        most_ = std::max<std::size_t>(1, messages / 2);
        grows_at_ = now + grows_every;
    }

private:
    static constexpr std::chrono::seconds grows_every{30};
    static constexpr std::size_t no_limit = 1'000'000;

    std::size_t most_ = no_limit;
    Time grows_at_{};
};

}  // namespace tollgate::consumer
