// What people call an event by: its id, or the beginning of it that a message shows.
#pragma once

#include <string_view>

#include "core/result.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate {

// All ids that begin so.
struct EventName {
    Uuid first;
    Uuid last;
};
// `invalid` if it is shorter than the time that an id begins with, down to the millisecond.
Result<EventName> parse_event_name(std::string_view text);

// The one that is meant, of those that are stored and that the actor may see. Of a whole id nothing is looked
// up. `invalid`, and which they are, if there are several.
Result<Uuid> find_event(postgres::Transaction& tx, const tenants::Actor& actor, const EventName& name);

}  // namespace tollgate
