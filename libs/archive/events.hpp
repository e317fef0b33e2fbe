// Events as they were received: written in the transaction that accepts them, read by id.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::archive {

// Which bytes of its request are the event's, when the request brought several. They are stored once, with
// the first of these, whose slice names itself.
struct Slice {
    Uuid of;
    std::int32_t offset = 0;
    std::int32_t length = 0;

    bool operator==(const Slice&) const = default;
};

// Text is UTF-8 without zero bytes; headers and body are any bytes.
struct Event {
    Uuid id;  // its time is when the event was received
    Uuid tenant;
    std::string source;  // its slug
    std::string provider;
    std::string type;  // the provider's own name of it
    std::optional<std::string> provider_event_id;
    std::optional<Timestamp> provider_time;
    std::optional<std::string> subject;
    std::optional<std::string> ordering_key;  // events with the same one keep their order on the bus
    std::optional<std::string> content_type;
    std::optional<std::string> traceparent;
    std::optional<std::string> account;  // the provider's, that the event is of
    std::optional<std::string> mode;     // live or test
    std::optional<std::string> proof;    // how it was verified: signature, token, fetched, none
    std::optional<Uuid> secret;          // and with which of the source's secrets
    std::optional<std::string> received_from;
    std::string headers;  // of the request as received, name: value by line
    std::string body;     // to be written: the request's bytes; as read: the event's own
    std::optional<Slice> slice;

    bool operator==(const Event&) const = default;
};

// In one statement. Of an event whose slice names another, headers and body are not stored: it has that
// one's. All of a request are of one day: see make_ids_of_one_day. Throws SqlError, as a statement does; when
// a day is missing it is unavailable with SQLSTATE 23514, and make_day_of helps.
void write(postgres::Transaction& transaction, std::span<const Event> events);

// In the order of the ids, without those that are not there. Each has its request's headers, and its own
// slice for a body. The ids come from before the transaction: one that has used the archive may not see a day
// that was made since. Throws SqlError, also for a slice of what is not there (internal).
std::vector<Event> read(postgres::Transaction& transaction, std::span<const Uuid> ids);

}  // namespace tollgate::archive
