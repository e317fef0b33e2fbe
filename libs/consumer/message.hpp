// One message as a consumer gets it: the same whether it came by Kafka or from the journal itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>

#include "core/result.hpp"
#include "core/uuid.hpp"
#include "events/cloud_event.hpp"
#include "journal/reader.hpp"
#include "kafka/record.hpp"

namespace tollgate::consumer {

struct LogPlace {
    kafka::TopicPartition partition;  // by the broker's name of the topic
    kafka::Offset offset = 0;

    bool operator==(const LogPlace&) const = default;
};

// Where it stood. In the journal: where a reader stands that has read it.
using Place = std::variant<journal::Position, LogPlace>;

// "tollgate.raw[3]@17", "tick 5, transaction 700, entry 12"
std::string text(const Place& place);

struct Message {
    std::string topic;  // "raw": without the prefix of a deployment
    Place place;
    std::optional<std::string> key;
    // The data. Of a record by reference what it refers to. Nothing if there is none.
    std::optional<std::string> value;
    events::Headers headers;  // all of them as they came
    // What the headers say; nothing if that cannot be read.
    std::optional<events::CloudEvent> attributes;
    // Ours, each also where it alone could be read.
    std::optional<Uuid> id;  // of the event
    std::optional<Uuid> tenant;
    // What is missing or wrong: a header (invalid), what it refers to (not_found). Nothing if it is whole.
    std::optional<Error> flaw;
    // The time of its record in Kafka's log.
    std::optional<Timestamp> logged_at;

    std::size_t bytes() const { return value ? value->size() : 0; }
};

// A record as it is, whoever has written it: nothing in it is an error. What it refers to is not looked up.
Message to_message(const kafka::ReceivedRecord& record, std::string_view topic_prefix);

// What its headers say, and whether something is wrong with them.
void read_headers(Message& message);

// Whether its data are in Postgres, and not there yet.
bool goes_by_reference(const Message& message);

}  // namespace tollgate::consumer
