// What is stored of an event, or why nothing is. Nothing here looks at rights: who calls it has.
#pragma once

#include "consumer/event_story.hpp"

namespace tollgate::consumer {

Result<EventFacts> find_facts(postgres::Transaction& tx, const Uuid& id);

// `not_found`. Of one whose day was dropped a letter may be left, with its bytes; and of one that somebody
// else put on the bus, which was never stored.
std::unexpected<Error> no_such_event(postgres::Transaction& tx, const Uuid& id);

}  // namespace tollgate::consumer
