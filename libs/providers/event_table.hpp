// A provider's events as a table, in order of type: for each what the type says by itself, and who reads the
// body, which may know better from an object's state.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "providers/place.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

// `Reading` is what one event is read from and into.
template <typename Reading>
struct EventRowOf {
    std::string_view type;
    v1::Category category;
    v1::Fact fact;
    void (*read)(const Reading& reading);
};

// Null for a type that is not in the table.
template <typename Row>
const Row* row_of(std::span<const Row> table, std::string_view type) {
    const auto row = std::ranges::lower_bound(table, type, {}, &Row::type);
    return row == table.end() || row->type != type ? nullptr : &*row;
}

// Where the body is one JSON document and nothing else is needed.
struct EventReading {
    Place body;
    std::string_view type;
    std::string_view settings;  // the source's
    v1::PaymentEvent& event;
};

using EventRow = EventRowOf<EventReading>;

// A type that is not in the table is not read.
Result<v1::PaymentEvent> read_event(std::span<const EventRow> table, const RawEvent& raw);

}  // namespace tollgate::providers
