// What is kept of customers (schema/): read for who reckons with it.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "enrichment/customer_fact.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

struct CustomerKey {
    Uuid tenant;
    std::string provider;
    std::string realm;     // whose numbers its ids are, where they are not unique everywhere
    std::string customer;  // fit for an index
    bool is_test = false;

    auto operator<=>(const CustomerKey&) const = default;
};

// However far ahead a provider's clock is.
constexpr Timestamp end_of_time{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}};

struct KeptFacts {
    std::vector<CustomerFact> facts;
    bool are_all = true;  // else the newest
};

// Of how many facts a history is reckoned. A till's "walk-in" customer has them by the million: beyond these
// bounds the newest are taken.
struct FactLimits {
    std::int64_t of_one = 20'000;
    std::int64_t of_all = 100'000;  // that are asked for at once
    std::int64_t of_each = 200;     // whatever else is read
};

// Of each customer up to that time, with those of their payments that name no customer: Stripe's refunds and
// disputes. Throws SqlError.
std::vector<KeptFacts> read_facts(postgres::Transaction& tx, std::span<const CustomerKey> customers,
                                  std::span<const Timestamp> untils, const FactLimits& limits = {});

// As one column of a row.
std::string names_in_one(std::span<const std::string> names);

}  // namespace tollgate::enrichment
