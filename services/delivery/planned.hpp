// What is put into the queue of messages.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "delivery/rule.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::delivery {

struct PlannedEvent {
    Uuid tenant;
    Uuid event;
    Uuid fact;
    Timestamp at;
    std::string_view value;  // a tollgate.v1.PaymentEvent
};

// An event that one destination is to be told of. Texts are empty where there is none.
struct Planned {
    Uuid tenant;
    Uuid destination;
    Uuid event;
    Uuid fact;
    Way way = Way::message;
    bool hold_in_quiet = true;
    std::string_view why;
    std::string_view layout;
    std::int32_t priority = 4;
    std::string_view mention;
    std::string story_kind;
    std::string story_id;
    bool replayed = false;
};

// Once more is no error: what an event says by now is kept.
void keep(postgres::Transaction& tx, std::span<const PlannedEvent> events);

// Each in a message that waits for it, or in one of its own. What was planned before is not planned again.
// Gives in how long the first of them is due, if any is.
std::optional<std::chrono::milliseconds> put(postgres::Transaction& tx, std::span<const Planned> planned);

}  // namespace tollgate::delivery
