// The attributes of a record as CloudEvents 1.0 in Kafka's binary mode: headers beside a value that is the
// data itself, so that anybody's consumer can read the topics.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/uuid.hpp"
#include "events/schema_version.hpp"
#include "events/source.hpp"

namespace tollgate::events {

using Header = std::pair<std::string, std::string>;  // name, value
using Headers = std::vector<Header>;                 // in the order of the wire

// An empty string is an attribute that is not there.
struct CloudEvent {
    Uuid id;
    Source source;
    std::string type;  // "stripe.invoice.paid", "tollgate.payment.money_in"
    std::string subject;
    Timestamp time;  // of the wire's precision, which is a millisecond
    std::string dataschema;
    SchemaVersion schema_version = current_schema;
    std::string content_type;
    std::string traceparent;
    std::string reference;  // where the data is when the value is not it; "tollgate_ref" on the wire

    const Uuid& tenant() const { return source.tenant; }

    bool operator==(const CloudEvent&) const = default;
};

// Those of our own, in one order: the same event gives the same headers.
Headers to_headers(const CloudEvent& event);

// Headers that are not ours are ignored; one of ours that is missing, malformed or there twice with two
// values is an error that names it. A newer version of the schema is no error, see is_newer_major: the
// envelope stays, so that the record can be held under its id. A malformed traceparent is dropped, as W3C
// wants it.
Result<CloudEvent> from_headers(const Headers& headers);

}  // namespace tollgate::events
