#include "consumer/message.hpp"

#include <string_view>

namespace tollgate::consumer {

namespace {

std::optional<Uuid> uuid_of(const kafka::ReceivedRecord& record, std::string_view header) {
    const auto found = record.header(header);
    if (!found) return std::nullopt;
    const auto parsed = Uuid::parse(*found);
    return parsed ? std::optional{*parsed} : std::nullopt;
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
                    .id = uuid_of(record, "ce_id"),
                    .tenant = uuid_of(record, "ce_tenant")};
    message.headers.reserve(record.headers().size());
    for (const kafka::Header& header : record.headers())
        message.headers.emplace_back(header.name, header.value);
    if (auto attributes = events::from_headers(message.headers)) {
        message.attributes = std::move(*attributes);
    } else {
        message.flaw = std::move(attributes.error());
    }
    return message;
}

bool goes_by_reference(const Message& message) {
    return message.attributes && !message.attributes->reference.empty();
}

}  // namespace tollgate::consumer
