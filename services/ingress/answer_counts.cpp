#include "ingress/answer_counts.hpp"

#include <chrono>
#include <utility>

namespace tollgate::ingress {

namespace {

// So long after an hour nothing is counted for it any more.
constexpr std::chrono::hours kept_for{24};
// Beyond that they are a number alone.
constexpr std::size_t doubts_max = 100'000;

std::int64_t hour_of(Timestamp time) {
    return std::chrono::floor<std::chrono::hours>(time).time_since_epoch().count();
}

}  // namespace

std::size_t AnswerCounts::HashOfKey::operator()(const Key& key) const noexcept {
    return std::hash<Uuid>{}(key.tenant) ^ static_cast<std::size_t>(key.hour);
}

void AnswerCounts::count(const Events& events, const Result<Receipt>& answer) {
    const Uuid& tenant = events.front().event.tenant;
    const std::lock_guard lock{mutex_};
    if (!answer) {
        if (answer.error().code != ErrorCode::in_doubt) return;
        for (const NewEvent& event : events) {
            ++of(time_of(event.event.id), tenant).in_doubt;
            if (doubts_.size() < doubts_max) doubts_.push_back({.event = event.event.id, .tenant = tenant});
        }
        return;
    }
    for (const Outcome& outcome : *answer) {
        if (outcome.fate == Fate::duplicate) {
            ++of(clock_.now(), tenant).duplicates;
            continue;
        }
        AnswerCount& counted = of(time_of(outcome.event_id), tenant);
        ++(outcome.fate == Fate::held ? counted.held : counted.accepted);
    }
}

AnswerCount& AnswerCounts::of(Timestamp time, const Uuid& tenant) {
    const Key key{.hour = hour_of(time), .tenant = tenant};
    Counted& counted = counts_[key];
    counted.count.hour = Timestamp{std::chrono::hours{key.hour}};
    counted.count.tenant = tenant;
    if (!counted.changed) changed_.push_back(key);
    counted.changed = true;
    return counted.count;
}

std::vector<AnswerCount> AnswerCounts::take_changed() {
    std::vector<AnswerCount> taken;
    const std::lock_guard lock{mutex_};
    forget_old();
    for (const Key& key : changed_) {
        Counted& counted = counts_.at(key);
        counted.changed = false;
        taken.push_back(counted.count);
    }
    changed_.clear();
    return taken;
}

std::vector<Doubt> AnswerCounts::take_doubts() {
    const std::lock_guard lock{mutex_};
    return std::exchange(doubts_, {});
}

void AnswerCounts::put_back(const std::vector<AnswerCount>& taken, std::vector<Doubt> doubts) {
    const std::lock_guard lock{mutex_};
    doubts.insert(doubts.end(), doubts_.begin(), doubts_.end());
    doubts_ = std::move(doubts);
    for (const AnswerCount& count : taken) {
        const Key key{.hour = hour_of(count.hour), .tenant = count.tenant};
        Counted& counted = counts_.at(key);
        if (!counted.changed) changed_.push_back(key);
        counted.changed = true;
    }
}

void AnswerCounts::put_back_all() {
    const std::lock_guard lock{mutex_};
    for (auto& [key, counted] : counts_) {
        if (!std::exchange(counted.changed, true)) changed_.push_back(key);
    }
}

void AnswerCounts::forget_old() {
    const std::int64_t now = hour_of(clock_.now());
    if (std::exchange(forgot_at_, now) == now) return;
    const std::int64_t oldest = now - kept_for.count();
    std::erase_if(counts_,
                  [&](const auto& entry) { return !entry.second.changed && entry.first.hour < oldest; });
}

}  // namespace tollgate::ingress
