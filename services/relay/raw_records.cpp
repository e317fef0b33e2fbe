#include "relay/raw_records.hpp"

#include <utility>

#include "archive/bus_records.hpp"

namespace tollgate::relay {

using archive::BusEvent;

Outgoing raw_record(const journal::Entry& entry, std::optional<BusEvent> event,
                    const archive::BusLimits& limits) {
    return outgoing(entry, archive::to_record(std::move(event), entry.tenant, limits));
}

Unmade read_raw(postgres::Connection& connection, std::span<const journal::Entry> entries,
                const archive::BusLimits& limits) {
    auto rows = archive::select_for_bus(connection, ids_of(entries), limits);
    const auto of_rows = entries.first(rows.places.size());
    const auto make = [limits](const archive::StretchRows& read, std::span<const journal::Entry> named) {
        auto events = archive::bus_events_of(read);
        std::vector<Outgoing> records;
        records.reserve(events.size());
        for (std::size_t i = 0; i < events.size(); ++i)
            records.push_back(raw_record(named[i], std::move(events[i]), limits));
        return records;
    };
    const std::size_t bytes = archive::body_bytes(rows);
    return {.entries = of_rows.size(),
            .bytes = bytes,
            .records = [make, rows = std::move(rows),
                        named = std::vector<journal::Entry>{of_rows.begin(), of_rows.end()}] {
                return make(rows, named);
            }};
}

}  // namespace tollgate::relay
