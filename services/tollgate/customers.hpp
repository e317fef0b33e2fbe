// What all services together know of a customer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "billing/ledger_reports.hpp"
#include "billing/payment_reports.hpp"
#include "core/result.hpp"
#include "enrichment/customers.hpp"

namespace tollgate {

struct CustomerName {
    std::string tenant;  // uuid or slug
    std::optional<std::string> provider{};
    std::string customer;  // the provider's id
    // To erase: whose number that is, where the provider's are not unique everywhere: "source/hill".
    std::optional<std::string> within{};
};

struct Customer {
    std::vector<enrichment::CustomerProfile> profiles;
    std::vector<billing::PaymentRow> payments;            // the newest, tests last
    std::vector<billing::SubscriptionRow> subscriptions;  // likewise
};
// `not_found` if nothing is known.
Result<Customer> show_customer(postgres::Transaction& tx, const tenants::Actor& actor,
                               const CustomerName& name);

// A realm as operators name it. What is kept of before there were realms may have "none".
std::string within_text(const std::string& realm);
Result<std::string> realm_within(const std::string& within);

// That nothing is known of them.
Error nobody(const CustomerName& name);

}  // namespace tollgate
