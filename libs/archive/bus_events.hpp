// Events as the bus needs them: for who puts many on it at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "archive/stretch.hpp"
#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/connection.hpp"

namespace tollgate::archive {

// Empty text is what the event does not have.
struct BusEvent {
    Uuid id;  // its time is when the event was received
    Uuid tenant;
    std::string source;  // its slug
    std::string provider;
    std::string type;
    std::optional<Timestamp> provider_time;
    std::string subject;
    std::string ordering_key;
    std::string content_type;
    std::string traceparent;
    std::int64_t length = 0;  // of the body
    // The event's own bytes. Not there if it is longer than asked for, or a slice of what is not there.
    std::optional<std::string> body;
};

struct BusLimits {
    std::int64_t body_max = std::int64_t{256} << 10U;
    std::int64_t bytes_max = std::int64_t{4} << 20U;  // of the bodies of one answer
};

// One for each id in their order, and at least one: those that are left out, for their bytes or because they
// do not lie near the others, are at the end, and can be asked for again. Nothing for an event that is not
// there. Throws SqlError, as a statement does.
std::vector<std::optional<BusEvent>> read_for_bus(postgres::Connection& connection, std::span<const Uuid> ids,
                                                  const BusLimits& limits);

// The same in two steps: what the server sent can be taken apart by another thread, while it is asked for
// more.
StretchRows select_for_bus(postgres::Connection& connection, std::span<const Uuid> ids,
                           const BusLimits& limits);
std::vector<std::optional<BusEvent>> bus_events_of(const StretchRows& read);
std::size_t body_bytes(const StretchRows& read);

}  // namespace tollgate::archive
