// What an event is on the bus: the same record whether Kafka carries it or the journal is read itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "archive/bus_events.hpp"
#include "archive/payment_events.hpp"
#include "core/result.hpp"
#include "events/cloud_event.hpp"

namespace tollgate::archive {

// What `tollgate_ref` says of a body that is not in its record: it is here, under the event's id.
inline constexpr std::string_view reference_here = "archive";

// The headers are events::to_headers of the attributes.
struct BusRecord {
    std::string key;
    std::string value;  // empty if the attributes have a reference
    events::CloudEvent attributes;
};

// Of an event that this tenant's entry names, as it was received. `not_found` if there will never be one, and
// why.
Result<BusRecord> to_record(std::optional<BusEvent> event, const Uuid& tenant, const BusLimits& limits);
// Of the payment event that was made of it: the same id and key.
Result<BusRecord> to_record(std::optional<BusPayment> payment, const Uuid& tenant, const BusLimits& limits);

}  // namespace tollgate::archive
