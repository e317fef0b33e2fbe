#include "relay/outgoing.hpp"

#include <utility>

namespace tollgate::relay {

std::size_t Outgoing::bytes() const {
    std::size_t size = (key ? key->size() : 0) + (value ? value->size() : 0);
    for (const auto& [name, text] : headers) size += name.size() + text.size();
    return size;
}

Outgoing outgoing(const journal::Entry& entry, Result<archive::BusRecord> record) {
    Outgoing made{.entry = entry};
    if (record) {
        made.key = std::move(record->key);
        made.value = std::move(record->value);
        made.headers = events::to_headers(record->attributes);
    } else {
        made.refusal = std::move(record.error().detail);
    }
    return made;
}

Unmade made_already(std::vector<Outgoing> records) {
    std::size_t bytes = 0;
    for (const Outgoing& record : records) bytes += record.bytes();
    return {.entries = records.size(), .bytes = bytes, .records = [records = std::move(records)]() mutable {
                return std::move(records);
            }};
}

std::vector<Uuid> ids_of(std::span<const journal::Entry> entries) {
    std::vector<Uuid> ids;
    ids.reserve(entries.size());
    for (const journal::Entry& entry : entries) ids.push_back(entry.event_id);
    return ids;
}

}  // namespace tollgate::relay
