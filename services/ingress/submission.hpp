// What ingress asks to be committed: the events of one request, whole or not at all, and what became of them.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/events.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/uuid.hpp"

namespace tollgate::ingress {

// In the order in which keys are taken, so that two processes never wait for each other.
struct DedupeKey {
    Uuid tenant;
    Uuid source;
    Uuid key;

    auto operator<=>(const DedupeKey&) const = default;
};

struct NewEvent {
    archive::Event event;
    Uuid source;             // its id; the event has its slug
    std::vector<Uuid> keys;  // at least one
    Uuid fingerprint;
    std::optional<Timestamp> keys_expire;  // never, if none

    DedupeKey key(std::size_t index) const { return {event.tenant, source, keys[index]}; }
};

// The first half of the SHA-256.
Uuid half_digest(std::string_view text);

// The key that a conflict is kept under: that of its event, by fingerprint.
Uuid key_of_conflict(const Uuid& key, const Uuid& fingerprint);

enum class Fate {
    accepted,
    duplicate,  // of the event named
    held,       // kept as the event named, for an operator to decide on
};
std::string_view name(Fate fate);

struct Outcome {
    Uuid event_id;
    Fate fate = Fate::accepted;

    bool operator==(const Outcome&) const = default;
};

// One for each event, in their order.
using Receipt = std::vector<Outcome>;

// At least one event; if several, all of one day (archive::make_ids_of_one_day).
using Events = std::vector<NewEvent>;

}  // namespace tollgate::ingress
