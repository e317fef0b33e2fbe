// The records of topics '<consumer>.dlq': a message that a consumer could not do, with its key, value and
// headers as they came, and beside them what viewers of Spring's and Kafka Connect's dead letters look for.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "archive/bus_events.hpp"
#include "postgres/connection.hpp"
#include "relay/outgoing.hpp"

namespace tollgate::relay {

bool is_dead_letter_topic(std::string_view topic);

// What the entry's own headers, a JSON object of text, become. What is no such object becomes nothing.
events::Headers death_headers(std::string_view json);

// Of the first of these entries, as many as the limits allow. One whose message was done or discarded since
// has no record any more. Throws SqlError.
Unmade read_dead_letters(postgres::Connection& connection, std::span<const journal::Entry> entries,
                         const archive::BusLimits& limits);

}  // namespace tollgate::relay
