#include "consumer/stored.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "archive/bus_records.hpp"
#include "postgres/error.hpp"

namespace tollgate::consumer {

namespace {

using archive::BusLimits;
using archive::BusRecord;
using journal::Entry;
using postgres::Connection;
using postgres::SqlError;

constexpr std::int64_t whatever_it_has = std::numeric_limits<std::int64_t>::max();

Error missing(const Uuid& event, std::string_view why) {
    return {ErrorCode::not_found, fmt::format("event {}: {}", event, why)};
}

// What is kept of the messages of a topic, and how their records are made of it.
struct RawEvents {
    static constexpr std::string_view topic = "raw";
    static constexpr auto read = &archive::read_for_bus;
};
struct PaymentEvents {
    static constexpr std::string_view topic = "payment";
    static constexpr auto read = &archive::read_payments_for_bus;
};

template <typename Kept>
auto read_events(Connection& connection, std::span<const Uuid> ids, const BusLimits& limits)
    -> Result<decltype(Kept::read(connection, ids, limits))> {
    try {
        return Kept::read(connection, ids, limits);
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
}

Message without_data(const Entry& entry, std::string_view why) {
    return {.topic = entry.topic,
            .place = entry.after,
            .id = entry.event_id,
            .tenant = entry.tenant,
            .flaw = missing(entry.event_id, why)};
}

Message to_message(const Entry& entry, Result<BusRecord> record) {
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

template <typename Kept>
Result<std::vector<Message>> read_kept(Connection& connection, std::span<const Entry> entries,
                                       std::size_t bytes_max) {
    const BusLimits limits{.bytes_max = static_cast<std::int64_t>(bytes_max)};
    std::vector<Uuid> ids;
    ids.reserve(entries.size());
    for (const Entry& entry : entries) ids.push_back(entry.event_id);
    auto events = read_events<Kept>(connection, ids, limits);
    if (!events) return std::unexpected{events.error()};
    std::vector<Message> messages;
    messages.reserve(events->size());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < events->size() && bytes < bytes_max; ++i) {
        const Entry& entry = entries[i];
        Message message =
            to_message(entry, archive::to_record(std::move((*events)[i]), entry.tenant, limits));
        if (goes_by_reference(message)) {
            if (const auto found = look_up(connection, message); !found)
                return std::unexpected{found.error()};
        }
        bytes += message.bytes();
        messages.push_back(std::move(message));
    }
    return messages;
}

// All of one event, however large it is.
template <typename Kept>
Result<void> look_up_kept(Connection& connection, Message& message) {
    const events::CloudEvent& attributes = *message.attributes;
    const std::array ids{attributes.id};
    const BusLimits all{.body_max = whatever_it_has, .bytes_max = whatever_it_has};
    auto events = read_events<Kept>(connection, ids, all);
    if (!events) return std::unexpected{events.error()};
    auto record = archive::to_record(std::move(events->front()), attributes.tenant(), all);
    if (record) {
        message.value = std::move(record->value);
    } else {
        message.flaw = missing(attributes.id, record.error().detail);
    }
    return {};
}

}  // namespace

Result<std::vector<Message>> read_messages(Connection& connection, std::span<const Entry> entries,
                                           std::size_t bytes_max) {
    const std::string& topic = entries.front().topic;
    const auto other =
        std::ranges::find_if(entries, [&](const Entry& entry) { return entry.topic != topic; });
    const auto first_of_topic = entries.first(static_cast<std::size_t>(other - entries.begin()));
    if (topic == RawEvents::topic) return read_kept<RawEvents>(connection, first_of_topic, bytes_max);
    if (topic == PaymentEvents::topic) return read_kept<PaymentEvents>(connection, first_of_topic, bytes_max);
    std::vector<Message> messages;
    messages.push_back(without_data(entries.front(), "the data of this topic are not kept"));
    return messages;
}

Result<void> look_up(Connection& connection, Message& message) {
    message.value.reset();
    const events::CloudEvent& attributes = *message.attributes;
    if (attributes.reference != archive::reference_here) {
        message.flaw =
            missing(attributes.id, fmt::format("nobody here knows where \"{}\" is", attributes.reference));
        return {};
    }
    if (attributes.source.stage == events::Stage::enriched)
        return look_up_kept<PaymentEvents>(connection, message);
    return look_up_kept<RawEvents>(connection, message);
}

}  // namespace tollgate::consumer
