#include "relay/raw_records.hpp"

#include <utility>

#include "events/record_key.hpp"

namespace tollgate::relay {

using archive::BusEvent;

std::size_t Outgoing::bytes() const {
    std::size_t size = key.size() + value.size();
    for (const auto& [name, text] : headers) size += name.size() + text.size();
    return size;
}

namespace {

// Where consumers find a body that is not in the record.
constexpr const char* in_archive = "archive";

events::CloudEvent envelope(BusEvent& event, bool by_reference) {
    return {.id = event.id,
            .source = {.tenant = event.tenant, .slug = event.source},
            .type = event.provider + "." + event.type,
            .subject = std::move(event.subject),
            .time = event.provider_time.value_or(time_of(event.id)),
            .content_type = std::move(event.content_type),
            .traceparent = std::move(event.traceparent),
            .reference = by_reference ? in_archive : ""};
}

}  // namespace

Outgoing raw_record(const journal::Entry& entry, std::optional<BusEvent> event,
                    const archive::BusLimits& limits) {
    Outgoing made{.entry = entry};
    if (!event) {
        made.refusal = "its event is not in the archive";
        return made;
    }
    if (event->tenant != entry.tenant) {
        made.refusal = "its event is another tenant's";
        return made;
    }
    const bool by_reference = event->length > limits.body_max;
    if (!by_reference && !event->body) {
        made.refusal = "the bytes of its request are not in the archive";
        return made;
    }
    made.key = events::record_key(event->tenant, event->source, event->ordering_key, event->id);
    if (!by_reference) made.value = std::move(*event->body);
    made.headers = events::to_headers(envelope(*event, by_reference));
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
