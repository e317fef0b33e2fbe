#include "kafka/record.hpp"

#include <chrono>
#include <new>
#include <ranges>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include "telemetry/log.hpp"

namespace tollgate::kafka {

namespace {

std::string_view bytes(const void* data, std::size_t size) {
    return {static_cast<const char*>(data), size};
}

}  // namespace

std::string TopicPartition::text() const {
    return fmt::format("{}[{}]", topic, partition);
}

void HeadersDeleter::operator()(rd_kafka_headers_s* headers) const noexcept {
    rd_kafka_headers_destroy(headers);
}

NativeHeaders to_native(const std::vector<Header>& headers) {
    NativeHeaders native{rd_kafka_headers_new(headers.size())};
    for (const Header& header : headers) {
        // A null pointer would be a null value; an empty value of ours is an empty value on the wire.
        const char* value = header.value.empty() ? "" : header.value.data();
        const auto failure =
            rd_kafka_header_add(native.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                                value, static_cast<ssize_t>(header.value.size()));
        if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::bad_alloc{};
    }
    return native;
}

std::vector<Header> views_of(const rd_kafka_headers_s& headers) {
    std::vector<Header> views;
    views.reserve(rd_kafka_header_cnt(&headers));
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    while (rd_kafka_header_get_all(&headers, views.size(), &name, &value, &size) ==
           RD_KAFKA_RESP_ERR_NO_ERROR) {
        views.push_back({name, bytes(value, size)});
    }
    return views;
}

void ReceivedRecord::MessageDeleter::operator()(rd_kafka_message_s* message) const noexcept {
    rd_kafka_message_destroy(message);
}

ReceivedRecord::ReceivedRecord(std::shared_ptr<rd_kafka_s> client, rd_kafka_message_s* message)
    : client_{std::move(client)}, message_{message}, topic_{rd_kafka_topic_name(message->rkt)} {
    // Read here and not when asked for: librdkafka parses them on first use, which is no thread-safe reading.
    rd_kafka_headers_t* headers = nullptr;
    const auto failure = rd_kafka_message_headers(message, &headers);
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR) {
        headers_ = views_of(*headers);
    } else if (failure != RD_KAFKA_RESP_ERR__NOENT) {
        // The record still goes to the consumer, which sets aside what has no headers of ours.
        telemetry::log::error("the headers of a record cannot be read",
                              {{"partition", topic_partition().text()},
                               {"offset", offset()},
                               {"error", rd_kafka_err2str(failure)}});
    }
}

std::int32_t ReceivedRecord::partition() const {
    return message_->partition;
}

Offset ReceivedRecord::offset() const {
    return message_->offset;
}

std::optional<std::string_view> ReceivedRecord::key() const {
    if (message_->key == nullptr) return std::nullopt;
    return bytes(message_->key, message_->key_len);
}

std::optional<std::string_view> ReceivedRecord::value() const {
    if (message_->payload == nullptr) return std::nullopt;
    return bytes(message_->payload, message_->len);
}

std::optional<Timestamp> ReceivedRecord::timestamp() const {
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t milliseconds = rd_kafka_message_timestamp(message_.get(), &type);
    if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) return std::nullopt;
    return Timestamp{std::chrono::milliseconds{milliseconds}};
}

std::optional<std::string_view> ReceivedRecord::header(std::string_view name) const {
    for (const Header& header : headers_ | std::views::reverse) {
        if (header.name == name) return header.value;
    }
    return std::nullopt;
}

}  // namespace tollgate::kafka
