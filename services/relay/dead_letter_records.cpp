#include "relay/dead_letter_records.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "consumer/work_row.hpp"
#include "postgres/wire.hpp"
#include "relay/payment_records.hpp"

namespace tollgate::relay {

namespace {

using consumer::Message;

constexpr std::string_view ending = ".dlq";
constexpr std::string_view reference = "tollgate_ref";
// Where the bytes are of a dead letter that is too large for a record.
constexpr std::string_view in_work = "work";

enum class Form { text, int32, int64 };

struct Name {
    std::string_view ours;
    std::string_view theirs;
    Form form = Form::text;
};

// Spring writes numbers as Java's DataOutput does, Connect as text.
constexpr std::array names{
    Name{"tollgate_log_topic", "kafka_dlt-original-topic"},
    Name{"tollgate_log_partition", "kafka_dlt-original-partition", Form::int32},
    Name{"tollgate_log_offset", "kafka_dlt-original-offset", Form::int64},
    Name{"tollgate_consumer", "kafka_dlt-original-consumer-group"},
    Name{"tollgate_fingerprint", "kafka_dlt-exception-fqcn"},
    Name{"tollgate_reason", "kafka_dlt-exception-message"},
    Name{"tollgate_log_topic", "__connect.errors.topic"},
    Name{"tollgate_log_partition", "__connect.errors.partition"},
    Name{"tollgate_log_offset", "__connect.errors.offset"},
    Name{"tollgate_consumer", "__connect.errors.connector.name"},
    Name{"tollgate_fingerprint", "__connect.errors.exception.class.name"},
    Name{"tollgate_reason", "__connect.errors.exception.message"},
};

std::string in_form(std::string_view text, Form form) {
    if (form == Form::text) return std::string{text};
    std::int64_t number = 0;
    std::from_chars(text.begin(), text.end(), number);
    std::string bytes;
    if (form == Form::int32) {
        postgres::append_int32(bytes, static_cast<std::int32_t>(number));
    } else {
        postgres::append_int64(bytes, number);
    }
    return bytes;
}

bool has(const events::Headers& headers, std::string_view name) {
    for (const auto& [each, value] : headers) {
        if (each == name) return true;
    }
    return false;
}

// What delivery could not send is no message that it could not take: there is no work row, and the record is
// the payment event's own.
bool is_of_send(const journal::Entry& entry) {
    if (!entry.headers) return false;
    const auto headers = death_headers(*entry.headers);
    return std::ranges::find(headers, std::pair<std::string, std::string>{"stage", "send"}) != headers.end();
}

Outgoing unsent_record(postgres::Connection& connection, const journal::Entry& entry,
                       const archive::BusLimits& limits) {
    auto payments = archive::read_payments_for_bus(connection, std::array{entry.event_id}, limits);
    Outgoing made = payment_record(entry, std::move(payments.front()), limits);
    for (auto& header : death_headers(*entry.headers)) made.headers.push_back(std::move(header));
    return made;
}

Outgoing record_of(const journal::Entry& entry, Message message, const archive::BusLimits& limits) {
    Outgoing made{.entry = entry,
                  .key = std::move(message.key),
                  .value = std::move(message.value),
                  .headers = std::move(message.headers)};
    if (has(made.headers, reference)) {
        made.value = "";  // as it was on the bus
    } else if (made.value && static_cast<std::int64_t>(made.value->size()) > limits.body_max) {
        made.value = "";
        made.headers.emplace_back(reference, in_work);
    }
    if (entry.headers) {
        for (auto& header : death_headers(*entry.headers)) made.headers.push_back(std::move(header));
    }
    return made;
}

}  // namespace

bool is_dead_letter_topic(std::string_view topic) {
    return topic.ends_with(ending);
}

events::Headers death_headers(std::string_view json) {
    boost::system::error_code error;
    const auto parsed = boost::json::parse(json, error);
    const auto* object = error ? nullptr : parsed.if_object();
    events::Headers headers;
    if (object == nullptr) return headers;
    for (const auto& [name, value] : *object) {
        if (value.is_string()) headers.emplace_back(name, value.get_string());
    }
    for (const Name& name : names) {
        const auto* value = object->if_contains(name.ours);
        if (value == nullptr || !value->is_string()) continue;
        const auto& text = value->get_string();
        headers.emplace_back(name.theirs, in_form({text.data(), text.size()}, name.form));
    }
    return headers;
}

Unmade read_dead_letters(postgres::Connection& connection, std::span<const journal::Entry> entries,
                         const archive::BusLimits& limits) {
    std::vector<Outgoing> records;
    std::int64_t bytes = 0;
    for (const journal::Entry& entry : entries) {
        if (bytes >= limits.bytes_max) break;
        if (is_of_send(entry)) {
            records.push_back(unsent_record(connection, entry, limits));
            bytes += static_cast<std::int64_t>(records.back().bytes());
            continue;
        }
        const std::string_view topic = entry.topic;
        const auto rows = connection.execute(
            fmt::format("select {} from consumer.work where consumer = $1 and message_id = $2 "
                        "and state <> 'discarded' and headers is not null",
                        consumer::message_columns),
            topic.substr(0, topic.size() - ending.size()), entry.event_id);
        if (rows.empty()) {
            records.push_back({.entry = entry, .is_settled = true});
            continue;
        }
        records.push_back(record_of(entry, consumer::message_of(rows.only(), 0), limits));
        bytes += static_cast<std::int64_t>(records.back().bytes());
    }
    return made_already(std::move(records));
}

}  // namespace tollgate::relay
