// Payment events, by the ids of the raw events that they were made of: written in the transaction that made
// them, read as the bus needs them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "archive/bus_events.hpp"
#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::archive {

// In the currency's smallest unit.
struct Amount {
    std::int64_t minor = 0;
    std::string currency;

    bool operator==(const Amount&) const = default;
};

// Text is UTF-8 without zero bytes, and empty where there is none.
struct StoredPayment {
    Uuid id;  // the raw event's
    Uuid tenant;
    std::string source;  // its slug
    std::string provider;
    std::string category;  // "money_in"
    std::string type;      // the provider's own name of it
    std::string subject;
    std::string customer;
    std::string ordering_key;
    std::optional<Timestamp> provider_time;
    std::optional<Amount> amount;
    std::string traceparent;
    std::string data;  // a tollgate.v1.PaymentEvent
};

// In one statement; what is there of that id already is written over. Each id once. Throws SqlError, as a
// statement does.
void write_payments(postgres::Transaction& transaction, std::span<const StoredPayment> payments);

struct BusPayment {
    Uuid id;
    Uuid tenant;
    std::string source;
    std::string category;
    std::optional<Timestamp> provider_time;
    std::string subject;
    std::string ordering_key;
    std::string traceparent;
    std::int64_t length = 0;          // of the data
    std::optional<std::string> data;  // not there if longer than asked for
};

// As read_for_bus, of the payment events of these ids.
std::vector<std::optional<BusPayment>> read_payments_for_bus(postgres::Connection& connection,
                                                             std::span<const Uuid> ids,
                                                             const BusLimits& limits);

}  // namespace tollgate::archive
