#include "consumer/message.hpp"

#include <string_view>

namespace tollgate::consumer {

namespace {

// Of several of that name the last, as Java's clients read them.
std::optional<Uuid> uuid_of(const events::Headers& headers, std::string_view name) {
    std::optional<Uuid> found;
    for (const auto& [each, value] : headers) {
        if (each != name) continue;
        const auto parsed = Uuid::parse(value);
        found = parsed ? std::optional{*parsed} : std::nullopt;
    }
    return found;
}

std::optional<std::string> owned(std::optional<std::string_view> view) {
    return view ? std::optional<std::string>{*view} : std::nullopt;
}

}  // namespace

std::string text(const Place& place) {
    if (const auto* in_log = std::get_if<LogPlace>(&place))
        return fmt::format("{}@{}", in_log->partition.text(), in_log->offset);
    const auto& position = std::get<journal::Position>(place);
    return fmt::format("tick {}, transaction {}, entry {}", position.tick, position.xid.number, position.seq);
}

Message to_message(const kafka::ReceivedRecord& record, std::string_view topic_prefix) {
    std::string_view topic = record.topic();
    if (topic.starts_with(topic_prefix)) topic.remove_prefix(topic_prefix.size());
    Message message{.topic = std::string{topic},
                    .place = LogPlace{record.topic_partition(), record.offset()},
                    .key = owned(record.key()),
                    .value = owned(record.value()),
                    .logged_at = record.timestamp()};
    message.headers.reserve(record.headers().size());
    for (const kafka::Header& header : record.headers())
        message.headers.emplace_back(header.name, header.value);
    read_headers(message);
    return message;
}

void read_headers(Message& message) {
    message.id = uuid_of(message.headers, "ce_id");
    message.tenant = uuid_of(message.headers, "ce_tenant");
    if (auto attributes = events::from_headers(message.headers)) {
        message.attributes = std::move(*attributes);
    } else {
        message.flaw = std::move(attributes.error());
    }
}

bool goes_by_reference(const Message& message) {
    return message.attributes && !message.attributes->reference.empty();
}

}  // namespace tollgate::consumer
