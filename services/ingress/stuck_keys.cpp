#include "ingress/stuck_keys.hpp"

namespace tollgate::ingress {

namespace {

// Remembered in vain it costs a transaction of its own, and no wait.
constexpr std::chrono::seconds remembered{10};

template <typename Visit>
bool any_key(const Events& events, const Visit& visit) {
    for (const NewEvent& event : events)
        for (std::size_t i = 0; i < event.keys.size(); ++i)
            if (visit(event.key(i))) return true;
    return false;
}

}  // namespace

void StuckKeys::add(const Events& events, TimePoint now) {
    const std::lock_guard lock{mutex_};
    std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
    any_key(events, [&](const DedupeKey& key) {
        until_.insert_or_assign(key, now + remembered);
        return false;
    });
}

bool StuckKeys::meets(const Events& events, TimePoint now) {
    const std::lock_guard lock{mutex_};
    if (until_.empty()) return false;
    return any_key(events, [&](const DedupeKey& key) {
        const auto found = until_.find(key);
        return found != until_.end() && found->second > now;
    });
}

}  // namespace tollgate::ingress
