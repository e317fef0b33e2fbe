#include "relay/raw_records.hpp"

#include <utility>

#include "archive/bus_records.hpp"

namespace tollgate::relay {

using archive::BusEvent;

Outgoing raw_record(const journal::Entry& entry, std::optional<BusEvent> event,
                    const archive::BusLimits& limits) {
    return outgoing(entry, archive::to_record(std::move(event), entry.tenant, limits));
}

std::vector<Outgoing> read_raw(postgres::Connection& connection, std::span<const journal::Entry> entries,
                               const archive::BusLimits& limits) {
    auto events = archive::read_for_bus(connection, ids_of(entries), limits);
    std::vector<Outgoing> records;
    records.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i)
        records.push_back(raw_record(entries[i], std::move(events[i]), limits));
    return records;
}

}  // namespace tollgate::relay
