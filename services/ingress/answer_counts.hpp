// What this process has answered with 200, counted in memory by tenant and hour as the answers are given:
// beside what is stored, a second witness.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "ingress/submission.hpp"

namespace tollgate::ingress {

struct AnswerCount {
    Timestamp hour;  // of the event's id; of a repeat, that of the answer
    Uuid tenant;
    std::int64_t accepted = 0;
    std::int64_t held = 0;
    std::int64_t duplicates = 0;
    std::int64_t in_doubt = 0;  // answered with 503, and perhaps committed
};

// One that was answered with 503, of which it was not known whether it is stored.
struct Doubt {
    Uuid event;
    Uuid tenant;
};

class AnswerCounts {
public:
    explicit AnswerCounts(const Clock& clock) : clock_{clock} {}

    // Of a request of one tenant's. From any thread.
    void count(const Events& events, const Result<Receipt>& answer);

    // Those that have changed since they were last taken, each with all that was ever counted: to write one
    // twice does no harm.
    std::vector<AnswerCount> take_changed();
    // Those that have come up since; of a great many the earliest.
    std::vector<Doubt> take_doubts();
    // They were not written.
    void put_back(const std::vector<AnswerCount>& taken, std::vector<Doubt> doubts);
    // What was written may be lost: all that is still known is to be taken again.
    void put_back_all();

private:
    struct Key {
        std::int64_t hour;  // since 1970
        Uuid tenant;

        bool operator==(const Key&) const = default;
    };
    struct HashOfKey {
        std::size_t operator()(const Key& key) const noexcept;
    };
    struct Counted {
        AnswerCount count;
        bool changed = false;
    };

    AnswerCount& of(Timestamp time, const Uuid& tenant);
    void forget_old();

    const Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<Key, Counted, HashOfKey> counts_;
    std::vector<Key> changed_;
    std::vector<Doubt> doubts_;
    std::int64_t forgot_at_ = 0;  // that hour
};

}  // namespace tollgate::ingress
