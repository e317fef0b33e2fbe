// What people were told of an event, as part of its story.
#pragma once

#include "consumer/event_story.hpp"

namespace tollgate {

// Each message that tells of it, every attempt to send it, and what became of it.
Result<void> add_deliveries(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& event,
                            consumer::EventStory& story);

}  // namespace tollgate
