#include "consumer/stored.hpp"

#include <algorithm>

#include "archive/events.hpp"
#include "events/payment_event.hpp"
#include "events/record_key.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

namespace {

using archive::Event;
using journal::Entry;
using postgres::Connection;
using postgres::Transaction;

constexpr std::string_view raw = "raw";
constexpr std::string_view in_archive = "archive";
// A larger body goes by reference on Kafka.
constexpr std::size_t value_bytes_max = std::size_t{256} << 10U;
constexpr std::size_t read_at_once = 64;

Result<std::vector<Event>> read_events(Connection& connection, const std::vector<Uuid>& ids) {
    return transact(connection, [&](Transaction& tx) { return archive::read(tx, ids); });
}

events::CloudEvent attributes_of(const Event& event) {
    return {.id = event.id,
            .source = {.tenant = event.tenant, .slug = event.source},
            .type = events::raw_type(event.provider, event.type),
            .subject = event.subject.value_or(""),
            .time = std::chrono::floor<std::chrono::milliseconds>(
                event.provider_time.value_or(time_of(event.id))),
            .content_type = event.content_type.value_or(""),
            .traceparent = event.traceparent.value_or(""),
            .reference = event.body.size() > value_bytes_max ? std::string{in_archive} : ""};
}

Message without_data(const Entry& entry, std::string_view why) {
    return {.topic = entry.topic,
            .place = entry.after,
            .id = entry.event_id,
            .tenant = entry.tenant,
            .flaw = Error{ErrorCode::not_found, fmt::format("event {}: {}", entry.event_id, why)}};
}

Message to_message(const Entry& entry, Event event) {
    if (event.tenant != entry.tenant) return without_data(entry, "it is another tenant's");
    events::CloudEvent attributes = attributes_of(event);
    return {.topic = entry.topic,
            .place = entry.after,
            .key = events::record_key(event.tenant, event.source, event.ordering_key.value_or(""), event.id),
            .value = std::move(event.body),
            .headers = events::to_headers(attributes),
            .attributes = std::move(attributes),
            .id = event.id,
            .tenant = event.tenant};
}

}  // namespace

Result<std::vector<Message>> read_messages(Connection& connection, std::span<const Entry> entries,
                                           std::size_t bytes_max) {
    entries = entries.first(std::min(entries.size(), read_at_once));
    std::vector<Uuid> ids;
    for (const Entry& entry : entries) ids.push_back(entry.event_id);
    auto events = read_events(connection, ids);
    if (!events) return std::unexpected{events.error()};
    std::vector<Message> messages;
    auto event = events->begin();
    std::size_t bytes = 0;
    for (const Entry& entry : entries) {
        if (bytes >= bytes_max) break;
        if (entry.topic != raw) {
            messages.push_back(without_data(entry, "the data of this topic are not kept"));
        } else if (event == events->end() || event->id != entry.event_id) {
            messages.push_back(without_data(entry, "it is not in the archive"));
        } else {
            messages.push_back(to_message(entry, std::move(*event++)));
        }
        bytes += messages.back().bytes();
    }
    return messages;
}

Result<void> look_up(Connection& connection, Message& message) {
    message.value.reset();
    const events::CloudEvent& attributes = *message.attributes;
    const auto missing = [&](std::string_view why) {
        message.flaw = Error{ErrorCode::not_found, fmt::format("event {}: {}", attributes.id, why)};
        return Result<void>{};
    };
    if (attributes.reference != in_archive || attributes.source.stage != events::Stage::received)
        return missing(fmt::format("nobody here knows where \"{}\" is", attributes.reference));
    auto events = read_events(connection, {attributes.id});
    if (!events) return std::unexpected{events.error()};
    if (events->empty() || events->front().tenant != attributes.tenant())
        return missing("it is not in the archive");
    message.value = std::move(events->front().body);
    return {};
}

}  // namespace tollgate::consumer
