// A provider's events as a table: for each type what it says, and who reads its body, which is one JSON
// document.
#pragma once

#include <span>
#include <string_view>

#include "providers/place.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

// What one event is read from and into.
struct EventReading {
    Place body;
    std::string_view type;
    std::string_view settings;  // the source's
    v1::PaymentEvent& event;
};

struct EventRow {
    std::string_view type;
    v1::Category category;
    v1::Fact fact;
    void (*read)(const EventReading& reading);
};

// By a table in order of type; a type that is not in it is not read.
Result<v1::PaymentEvent> read_event(std::span<const EventRow> table, const RawEvent& raw);

}  // namespace tollgate::providers
