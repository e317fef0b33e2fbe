// How often messages failed that were run alone, and whether others were done meanwhile: then it is no
// failure of the server's. Pure.
#pragma once

#include <unordered_map>

#include "core/result.hpp"
#include "core/uuid.hpp"

namespace tollgate::consumer {

class LoneFailures {
public:
    struct Of {
        int times = 0;
        bool others_were_done = false;  // since the first time

        // Often enough for what runs into a time limit, if others go through.
        bool is_slow(ErrorCode why) const { return why == ErrorCode::timed_out && times >= 2; }
    };

    // It has failed again. `done`: how many messages this member has done by now.
    Of failed(const Uuid& id, double done) {
        auto& seen = seen_.try_emplace(id, Seen{.done_before = done}).first->second;
        return {.times = ++seen.times, .others_were_done = done > seen.done_before};
    }
    // It was done, or settled.
    void forget(const Uuid& id) { seen_.erase(id); }

private:
    struct Seen {
        int times = 0;
        double done_before = 0;
    };
    std::unordered_map<Uuid, Seen> seen_;
};

}  // namespace tollgate::consumer
