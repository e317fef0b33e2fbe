// The key of a record in Kafka, by which its partition is chosen: records with the same key keep their order.
#pragma once

#include <string>
#include <string_view>

#include "core/uuid.hpp"

namespace tollgate::events {

// "<tenant>/<source's slug>/<ordering key>", or the event's id in place of an empty ordering key. The raw
// event and its payment event have the same key.
std::string record_key(const Uuid& tenant, std::string_view source_slug, std::string_view ordering_key,
                       const Uuid& event_id);

}  // namespace tollgate::events
