#include "ingress/settle.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace tollgate::ingress {

namespace {

using store::Known;
using store::KnownKeys;

// One request, whose events become known to those that are settled after it.
class Settling {
public:
    Settling(const Events& events, KnownKeys& known, store::Plan& plan)
        : events_{events}, known_{known}, plan_{plan}, written_before_{plan.events.size()} {}

    Receipt run() {
        Receipt receipt;
        for (const NewEvent& event : events_) receipt.push_back(decide(event));
        bring_bytes();
        return receipt;
    }

private:
    const Known* find(const DedupeKey& key) const {
        const auto found = known_.find(key);
        return found == known_.end() ? nullptr : &found->second;
    }

    // The key that is known first, and whether one is known with the same fingerprint.
    struct Found {
        std::optional<std::size_t> first;
        const Known* same = nullptr;
    };
    Found look_up(const NewEvent& event) const {
        Found found;
        for (std::size_t i = 0; i < event.keys.size(); ++i) {
            const Known* const known = find(event.key(i));
            if (known == nullptr) continue;
            if (!found.first) found.first = i;
            if (found.same == nullptr && known->fingerprint == event.fingerprint) found.same = known;
        }
        return found;
    }

    // Of an event that is there by its own id: whether it came under another's.
    bool is_held(const NewEvent& event) const {
        for (std::size_t i = 0; i < event.keys.size(); ++i) {
            const DedupeKey key = event.key(i);
            const Known* const own =
                find({key.tenant, key.source, key_of_conflict(key.key, event.fingerprint)});
            if (own != nullptr && own->event_id == event.event.id) return true;
        }
        return false;
    }

    Outcome decide(const NewEvent& event) {
        const Found found = look_up(event);
        if (!found.first) {
            take_free_keys(event, event.event.id);
            plan_.entries.push_back(
                {.tenant = event.event.tenant, .topic = "raw", .event_id = event.event.id});
            plan_.events.push_back(event.event);
            return {event.event.id, Fate::accepted};
        }
        if (found.same != nullptr) {
            const Uuid earlier = found.same->event_id;
            if (earlier == event.event.id) return {earlier, is_held(event) ? Fate::held : Fate::accepted};
            take_free_keys(event, earlier);
            return {earlier, Fate::duplicate};
        }
        return hold(event, *found.first);
    }

    Outcome hold(const NewEvent& event, std::size_t known_key) {
        const DedupeKey first = event.key(known_key);
        const DedupeKey own{first.tenant, first.source, key_of_conflict(first.key, event.fingerprint)};
        if (const Known* const repeated = find(own)) {
            const bool ours = repeated->event_id == event.event.id;
            return {repeated->event_id, ours ? Fate::held : Fate::duplicate};
        }
        plan_.holds.push_back({&event.event, find(first)->event_id});
        plan_.events.push_back(event.event);
        take(event, own, event.event.id);
        take_free_keys(event, event.event.id);
        return {event.event.id, Fate::held};
    }

    void take_free_keys(const NewEvent& event, const Uuid& event_id) {
        for (std::size_t i = 0; i < event.keys.size(); ++i)
            if (find(event.key(i)) == nullptr) take(event, event.key(i), event_id);
    }

    void take(const NewEvent& event, const DedupeKey& key, const Uuid& event_id) {
        plan_.keys.push_back({key, event_id, event.fingerprint, event.keys_expire});
        known_[key] = {event_id, event.fingerprint};
    }

    // The request's bytes are stored with the first of its events that are written, which need not be its
    // first.
    void bring_bytes() {
        const std::span written = std::span{plan_.events}.subspan(written_before_);
        if (written.empty() || !written.front().slice) return;
        const archive::Event& first = events_.front().event;
        written.front().headers = first.headers;
        written.front().body = first.body;
        const Uuid of = written.front().id;
        for (archive::Event& event : written) event.slice->of = of;
    }

    const Events& events_;
    KnownKeys& known_;
    store::Plan& plan_;
    const std::size_t written_before_;
};

}  // namespace

std::vector<DedupeKey> keys_to_look_up(std::span<const Events* const> requests) {
    std::vector<DedupeKey> keys;
    for (const Events* const events : requests) {
        for (const NewEvent& event : *events) {
            for (std::size_t i = 0; i < event.keys.size(); ++i) {
                const DedupeKey key = event.key(i);
                keys.push_back(key);
                keys.push_back({key.tenant, key.source, key_of_conflict(key.key, event.fingerprint)});
            }
        }
    }
    return keys;
}

Settlement settle(std::span<const Events* const> requests, store::KnownKeys known) {
    Settlement settlement;
    for (const Events* const events : requests)
        settlement.receipts.push_back(Settling{*events, known, settlement.plan}.run());
    return settlement;
}

}  // namespace tollgate::ingress
