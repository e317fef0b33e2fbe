// What is read and not sent yet.
#pragma once

#include <cstddef>
#include <functional>
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

// What was read for some entries. Its records are made by who sends them, while the database is asked for
// more.
struct Unmade {
    std::size_t entries = 0;
    std::size_t bytes = 0;
    std::move_only_function<std::vector<Outgoing>()> records = [] { return std::vector<Outgoing>{}; };
};
Unmade made_already(std::vector<Outgoing> records);

// Some of them in the journal's order, perhaps none; and where a reader stands that has passed them all.
struct Stretch {
    Unmade read;
    journal::Position after;
};

}  // namespace tollgate::relay
