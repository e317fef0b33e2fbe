// What all services together know of a customer, and how it is erased from all of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "billing/ledger_reports.hpp"
#include "billing/payment_reports.hpp"
#include "consumer/erase.hpp"
#include "enrichment/customers.hpp"

namespace tollgate {

struct CustomerName {
    std::string tenant;  // uuid or slug
    std::optional<std::string> provider{};
    std::string customer;  // the provider's id
};

struct Customer {
    std::vector<enrichment::CustomerProfile> profiles;
    std::vector<billing::PaymentRow> payments;            // the newest, tests last
    std::vector<billing::SubscriptionRow> subscriptions;  // likewise
};
// `not_found` if nothing is known.
Result<Customer> show_customer(postgres::Transaction& tx, const tenants::Actor& actor,
                               const CustomerName& name);

struct Erasure {
    std::int64_t profiles = 0;  // before it is done: how many there are
    consumer::MessagesOfCustomer messages;
    std::string pseudonym;  // empty: nothing was done
};
// What would be erased.
Result<Erasure> preview_erasure(postgres::Transaction& tx, const tenants::Actor& actor,
                                const CustomerName& name);
// Needs the provider and a reason. Again it finds nothing.
Result<Erasure> erase_customer(postgres::Transaction& tx, const tenants::Actor& actor,
                               const CustomerName& name, std::string_view reason);

}  // namespace tollgate
