// The records of topic 'payment': what enrichment made of a raw event, under the same id and key.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "archive/payment_events.hpp"
#include "postgres/connection.hpp"
#include "relay/outgoing.hpp"

namespace tollgate::relay {

// Of an entry and the payment event that it refers to, if that is there.
Outgoing payment_record(const journal::Entry& entry, std::optional<archive::BusPayment> payment,
                        const archive::BusLimits& limits);

// Of the first of these entries, as many as the limits allow. Throws SqlError.
Unmade read_payments(postgres::Connection& connection, std::span<const journal::Entry> entries,
                     const archive::BusLimits& limits);

}  // namespace tollgate::relay
