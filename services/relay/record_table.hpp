// How the entries of each topic become records. A further topic is a row.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "archive/bus_events.hpp"
#include "core/result.hpp"
#include "journal/reader.hpp"
#include "postgres/connection.hpp"
#include "relay/outgoing.hpp"

namespace tollgate::relay {

// For the first of these entries, for one at least. Throws SqlError.
using ReadRecords = Unmade (*)(postgres::Connection& connection, std::span<const journal::Entry> entries,
                               const archive::BusLimits& limits);

struct RecordKind {
    bool (*is_for)(std::string_view topic);  // as the journal has it, without the prefix
    ReadRecords read;
};

std::span<const RecordKind> record_kinds();

// The entries at the beginning that are of one topic, which are read together, and how. `misconfigured` for a
// topic that this build does not know: it is waited for, because a newer build will.
struct Run {
    std::span<const journal::Entry> entries;
    ReadRecords read;
};
Result<Run> first_run(std::span<const journal::Entry> entries);

}  // namespace tollgate::relay
