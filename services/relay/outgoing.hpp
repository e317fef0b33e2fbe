// What is read and not sent yet.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "archive/bus_records.hpp"
#include "events/cloud_event.hpp"
#include "journal/reader.hpp"

namespace tollgate::relay {

// An entry and its record. Without one, `refusal` says why there will never be one.
struct Outgoing {
    journal::Entry entry;
    std::optional<std::string> key;
    std::optional<std::string> value;
    events::Headers headers;
    std::string refusal;
    bool is_settled = false;  // nothing is to be sent of it any more

    std::size_t bytes() const;
};

// Of the event that an entry names. Without a record, why not.
Outgoing outgoing(const journal::Entry& entry, Result<archive::BusRecord> record);

std::vector<Uuid> ids_of(std::span<const journal::Entry> entries);

// Some of them in the journal's order, perhaps none; and where a reader stands that has passed them all.
struct Stretch {
    std::vector<Outgoing> records;
    journal::Position after;
    std::size_t bytes = 0;
};

}  // namespace tollgate::relay
