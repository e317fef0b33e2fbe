#include "consumer/stored.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "archive/bus_records.hpp"
#include "postgres/error.hpp"

namespace tollgate::consumer {

namespace {

using archive::BusEvent;
using archive::BusLimits;
using journal::Entry;
using postgres::Connection;
using postgres::SqlError;

constexpr std::string_view raw = "raw";
constexpr std::int64_t whatever_it_has = std::numeric_limits<std::int64_t>::max();

Result<std::vector<std::optional<BusEvent>>> read_events(Connection& connection, std::span<const Uuid> ids,
                                                         const BusLimits& limits) {
    try {
        return archive::read_for_bus(connection, ids, limits);
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
}

Error missing(const Uuid& event, std::string_view why) {
    return {ErrorCode::not_found, fmt::format("event {}: {}", event, why)};
}

Message without_data(const Entry& entry, std::string_view why) {
    return {.topic = entry.topic,
            .place = entry.after,
            .id = entry.event_id,
            .tenant = entry.tenant,
            .flaw = missing(entry.event_id, why)};
}

Message to_message(const Entry& entry, std::optional<BusEvent> event, const BusLimits& limits) {
    auto record = archive::to_record(std::move(event), entry.tenant, limits);
    if (!record) return without_data(entry, record.error().detail);
    return {.topic = entry.topic,
            .place = entry.after,
            .key = std::move(record->key),
            .value = std::move(record->value),
            .headers = events::to_headers(record->attributes),
            .attributes = std::move(record->attributes),
            .id = entry.event_id,
            .tenant = entry.tenant};
}

Result<std::vector<Message>> read_raw(Connection& connection, std::span<const Entry> entries,
                                      std::size_t bytes_max) {
    const BusLimits limits{.bytes_max = static_cast<std::int64_t>(bytes_max)};
    std::vector<Uuid> ids;
    ids.reserve(entries.size());
    for (const Entry& entry : entries) ids.push_back(entry.event_id);
    auto events = read_events(connection, ids, limits);
    if (!events) return std::unexpected{events.error()};
    std::vector<Message> messages;
    messages.reserve(events->size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < events->size() && bytes < bytes_max; ++i) {
        Message message = to_message(entries[i], std::move((*events)[i]), limits);
        if (goes_by_reference(message)) {
            if (const auto found = look_up(connection, message); !found)
                return std::unexpected{found.error()};
        }
        bytes += message.bytes();
        messages.push_back(std::move(message));
    }
    return messages;
}

}  // namespace

Result<std::vector<Message>> read_messages(Connection& connection, std::span<const Entry> entries,
                                           std::size_t bytes_max) {
    const auto other = std::ranges::find_if(entries, [](const Entry& entry) { return entry.topic != raw; });
    const auto first_of_raw = entries.first(static_cast<std::size_t>(other - entries.begin()));
    if (!first_of_raw.empty()) return read_raw(connection, first_of_raw, bytes_max);
    std::vector<Message> messages;
    messages.push_back(without_data(entries.front(), "the data of this topic are not kept"));
    return messages;
}

Result<void> look_up(Connection& connection, Message& message) {
    message.value.reset();
    const events::CloudEvent& attributes = *message.attributes;
    if (attributes.reference != archive::reference_here ||
        attributes.source.stage != events::Stage::received) {
        message.flaw =
            missing(attributes.id, fmt::format("nobody here knows where \"{}\" is", attributes.reference));
        return {};
    }
    const std::array ids{attributes.id};
    const BusLimits all{.body_max = whatever_it_has, .bytes_max = whatever_it_has};
    auto events = read_events(connection, ids, all);
    if (!events) return std::unexpected{events.error()};
    auto record = archive::to_record(std::move(events->front()), attributes.tenant(), all);
    if (record) {
        message.value = std::move(record->value);
    } else {
        message.flaw = missing(attributes.id, record.error().detail);
    }
    return {};
}

}  // namespace tollgate::consumer
