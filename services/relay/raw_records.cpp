#include "relay/raw_records.hpp"

#include <utility>

#include "archive/bus_records.hpp"

namespace tollgate::relay {

using archive::BusEvent;

std::size_t Outgoing::bytes() const {
    std::size_t size = (key ? key->size() : 0) + (value ? value->size() : 0);
    for (const auto& [name, text] : headers) size += name.size() + text.size();
    return size;
}

Outgoing raw_record(const journal::Entry& entry, std::optional<BusEvent> event,
                    const archive::BusLimits& limits) {
    Outgoing made{.entry = entry};
    auto record = archive::to_record(std::move(event), entry.tenant, limits);
    if (record) {
        made.key = std::move(record->key);
        made.value = std::move(record->value);
        made.headers = events::to_headers(record->attributes);
    } else {
        made.refusal = std::move(record.error().detail);
    }
    return made;
}

std::vector<Outgoing> read_raw(postgres::Connection& connection, std::span<const journal::Entry> entries,
                               const archive::BusLimits& limits) {
    std::vector<Uuid> ids;
    ids.reserve(entries.size());
    for (const journal::Entry& entry : entries) ids.push_back(entry.event_id);
    auto events = archive::read_for_bus(connection, ids, limits);
    std::vector<Outgoing> records;
    records.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i)
        records.push_back(raw_record(entries[i], std::move(events[i]), limits));
    return records;
}

}  // namespace tollgate::relay
