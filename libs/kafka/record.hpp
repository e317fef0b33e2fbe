// What goes onto a topic and what comes off it. Both give views: a record to send borrows the caller's bytes
// until `send` has returned, a received one owns the client library's buffer.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"

struct rd_kafka_s;
struct rd_kafka_message_s;
struct rd_kafka_headers_s;

namespace tollgate::kafka {

using Offset = std::int64_t;

struct TopicPartition {
    std::string topic;
    std::int32_t partition = 0;

    auto operator<=>(const TopicPartition&) const = default;

    // "tollgate.raw[3]"
    std::string text() const;
};

// Names may repeat, their order is kept, and values are any bytes. A null value is read as an empty one.
struct Header {
    std::string_view name;
    std::string_view value;

    bool operator==(const Header&) const = default;
};

struct Record {
    std::string_view topic;
    // Without one the key decides, as Java's default does. Do not mix both ways on one topic: librdkafka
    // queues records without a partition apart until it knows the topic, so their order to the others is not
    // kept.
    std::optional<std::int32_t> partition = std::nullopt;
    std::optional<std::string_view> key = std::nullopt;
    std::optional<std::string_view> value = std::nullopt;
    std::vector<Header> headers{};
    std::optional<Timestamp> timestamp = std::nullopt;  // else the time of sending
};

// A record with its place. Moving one costs a few pointers; thousands are held without copying a byte.
// Reading the same one from several threads is safe.
class ReceivedRecord {
public:
    // Takes the message over. Each record keeps the client alive, because librdkafka's memory outlives
    // neither.
    ReceivedRecord(std::shared_ptr<rd_kafka_s> client, rd_kafka_message_s* message);

    std::string_view topic() const { return topic_; }
    std::int32_t partition() const;
    Offset offset() const;
    TopicPartition topic_partition() const { return {std::string{topic_}, partition()}; }
    std::optional<std::string_view> key() const;
    std::optional<std::string_view> value() const;
    std::optional<Timestamp> timestamp() const;
    const std::vector<Header>& headers() const { return headers_; }

    // The last one of that name, as Java's `lastHeader`.
    std::optional<std::string_view> header(std::string_view name) const;

private:
    struct MessageDeleter {
        void operator()(rd_kafka_message_s* message) const noexcept;
    };

    std::shared_ptr<rd_kafka_s> client_;  // first, so that it goes last
    std::unique_ptr<rd_kafka_message_s, MessageDeleter> message_;
    std::string_view topic_;
    std::vector<Header> headers_;
};

struct HeadersDeleter {
    void operator()(rd_kafka_headers_s* headers) const noexcept;
};
using NativeHeaders = std::unique_ptr<rd_kafka_headers_s, HeadersDeleter>;

// The library's own form, with a copy of all bytes; and views into such a form.
NativeHeaders to_native(const std::vector<Header>& headers);
std::vector<Header> views_of(const rd_kafka_headers_s& headers);

}  // namespace tollgate::kafka
