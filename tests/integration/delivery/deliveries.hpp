// Delivery's tables on a database of their own: a tenant with destinations, events as the runtime hands them
// over, and what became of them.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "consumer/handler.hpp"
#include "delivery/rule_verbs.hpp"
#include "events/payment_event.hpp"
#include "postgres/transaction.hpp"
#include "support/database.hpp"
#include "tenants/destinations.hpp"

namespace tollgate::test {

struct Handed {
    v1::PaymentEvent event;
    Uuid id = make_uuid_v7();
    consumer::Cause cause = consumer::Cause::stream;
};

// As the runtime does, in delivery's role. "done", or why it is rejected.
std::vector<std::string> hand_to_plan(const Database& database, const Uuid& tenant,
                                      const std::vector<Handed>& batch);
// A webhook unless the settings have a channel.
Uuid make_destination(const Database& database, const std::string& tenant, const std::string& slug,
                      const std::string& settings = R"({"sibling_wait_ms": 0})");
// As enrichment stores it.
void store_payment_event(const Database& database, const Uuid& tenant, const Handed& event);

class Deliveries {
public:
    // Tenant "acme" in Vienna.
    Deliveries();

    // A destination, with settings as JSON; the tenant's first has the first rules. A webhook unless the
    // settings have a channel.
    Uuid destination(const std::string& slug, const std::string& settings = R"({"sibling_wait_ms": 0})");
    delivery::ListedRule rule(const delivery::NewRule& wanted);
    // That all events of this destination are messages.
    void tell_everything(const std::string& destination);

    // One batch, one transaction, in delivery's role. "done", or why it is rejected.
    std::vector<std::string> plan(const std::vector<Handed>& batch);
    std::vector<std::string> plan_bytes(const std::string& value);

    // Rows of one text column, as the owner sees them.
    std::vector<std::string> rows(const std::string& sql);
    void change(const std::string& sql);
    // How many there are in the state.
    std::int64_t in_state(std::string_view state);

    // As an operator's command does it.
    template <typename Body>
    auto as_operator(Body&& body) {
        postgres::Connection connection = open(database_.service("operator"));
        return transact(connection, std::forward<Body>(body));
    }

    // As the sender does it.
    template <typename Body>
    auto as_delivery(Body&& body) {
        postgres::Connection connection = open(database_.service("delivery"));
        return transact(connection, std::forward<Body>(body));
    }

    const Uuid& tenant() const { return tenant_; }
    const Database& database() const { return database_; }
    postgres::ConnectionSettings delivery() const { return database_.service("delivery"); }

private:
    Database database_;
    std::mutex mutex_;  // channels ask from threads of their own
    postgres::Connection owner_;
    Uuid tenant_;
};

// Of a live payment of Stripe, with what this text of protobuf adds to it.
v1::PaymentEvent payment_event(const std::string& text);

}  // namespace tollgate::test
