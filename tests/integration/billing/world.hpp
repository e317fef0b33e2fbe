// Billing's handler on a database of its own, fed with payment events as the runtime does.
#pragma once

#include <string>
#include <vector>

#include "billing/handler.hpp"
#include "events/payment_event.hpp"
#include "postgres/transaction.hpp"
#include "support/database.hpp"

namespace tollgate::test {

struct Sent {
    Uuid tenant;
    events::PaymentEvent event;
    Uuid id = make_uuid_v7();
};

// One batch, one transaction, in billing's role. What the handler says of each: "done", or why it is
// rejected.
std::vector<std::string> feed_billing(postgres::Connection& connection, const std::vector<Sent>& batch);
// In a transaction that is the caller's to commit.
std::vector<std::string> feed_billing(postgres::Transaction& tx, const std::vector<Sent>& batch);

class BillingWorld {
public:
    BillingWorld();

    std::vector<std::string> feed(const std::vector<Sent>& batch);
    std::vector<std::string> feed_bytes(const Uuid& tenant, const std::string& value);

    // Rows of one text column, as the owner sees them.
    std::vector<std::string> rows(const std::string& sql);
    postgres::ConnectionSettings billing() const { return database_.service("billing"); }
    postgres::ConnectionSettings operators() const { return database_.service("operator"); }

private:
    Database database_;
    postgres::Connection connection_;
};

}  // namespace tollgate::test
