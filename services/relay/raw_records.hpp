// The records of topic 'raw': what a provider sent, byte for byte, with what is known of it in the headers.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "archive/bus_events.hpp"
#include "postgres/connection.hpp"
#include "relay/outgoing.hpp"

namespace tollgate::relay {

// Of an entry and the event that it refers to, if that is there.
Outgoing raw_record(const journal::Entry& entry, std::optional<archive::BusEvent> event,
                    const archive::BusLimits& limits);

// Of the first of these entries, as many as the limits allow. Throws SqlError.
Unmade read_raw(postgres::Connection& connection, std::span<const journal::Entry> entries,
                const archive::BusLimits& limits);

}  // namespace tollgate::relay
