// The keys that somebody's open transaction holds, a stopped process' perhaps. A sender repeats what was not
// accepted, and no batch is to wait for the same lock again and again.
#pragma once

#include <chrono>
#include <map>
#include <mutex>

#include "ingress/submission.hpp"

namespace tollgate::ingress {

// For any thread.
class StuckKeys {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    // A request that waited for a lock on one of its keys until it had to give up.
    void add(const Events& events, TimePoint now);
    // Whether one of its keys was lately such a one.
    bool meets(const Events& events, TimePoint now);

private:
    std::mutex mutex_;
    std::map<DedupeKey, TimePoint> until_;
};

}  // namespace tollgate::ingress
