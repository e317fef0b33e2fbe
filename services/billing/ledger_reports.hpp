// The ledger, subscriptions and monthly recurring revenue as operators see them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::billing {

struct AccountBalance {
    std::optional<std::string> tenant_slug;
    Uuid tenant;
    bool is_test = false;
    std::string currency;
    std::string account;
    std::int64_t minor = 0;
};

struct Disagreement {
    Uuid tenant;
    Uuid payment;
    std::string booking;
    std::optional<std::string> currency;
    std::int64_t payment_says = 0;
    std::int64_t ledger_says = 0;
};

struct Oddity {
    Uuid tenant;
    Uuid payment;
    std::string what;
};

struct LedgerCheck {
    std::vector<AccountBalance> balances;
    std::vector<Disagreement> disagreements;
    std::vector<Oddity> oddities;
    std::int64_t oddities_in_all = 0;  // of which a hundred are told
    // Not booked, because payments that name no invoice are like them in payer, amount and time.
    std::int64_t invoices_taken_for_payments = 0;

    // Accounts always add up to nothing: each entry is one account's and the other's.
    bool adds_up() const { return disagreements.empty(); }
};
Result<LedgerCheck> check_ledger(postgres::Transaction& tx, const tenants::Actor& actor,
                                 const std::optional<std::string>& tenant);

struct SubscriptionRow {
    Uuid tenant;
    std::optional<std::string> tenant_slug;
    std::string provider;
    bool is_test = false;
    std::string id;
    std::optional<std::string> status;
    std::optional<std::int64_t> mrr;
    std::optional<std::string> currency;
    std::optional<std::string> plan;
    std::optional<std::int32_t> quantity;
    std::optional<std::string> customer;
    std::optional<Timestamp> period_end;
    std::optional<Timestamp> ends_at;
    Timestamp first_at;
    Timestamp last_at;
    std::string realm{};
};

struct SubscriptionFilter {
    std::optional<std::string> tenant{};
    std::optional<std::string> id{};
    std::optional<std::string> status{};
    std::optional<std::string> customer{};
    bool is_test = false;
    std::int64_t limit = 100;
};
// Who was heard of last is first.
Result<std::vector<SubscriptionRow>> list_subscriptions(postgres::Transaction& tx,
                                                        const tenants::Actor& actor,
                                                        const SubscriptionFilter& filter);

struct Movement {
    Timestamp at;
    std::string subscription;
    std::string effect;
    std::int64_t delta = 0;
    std::string currency;
};
Result<std::vector<Movement>> movements_of(postgres::Transaction& tx, const tenants::Actor& actor,
                                           const SubscriptionRow& subscription);

// Of a month of the tenant's own calendar (UTC for several tenants), in one currency.
struct MrrMonth {
    std::string month;  // "2026-11"
    std::string currency;
    std::int64_t begun = 0;
    std::int64_t expansion = 0;
    std::int64_t contraction = 0;
    std::int64_t churn = 0;
    std::int64_t reactivation = 0;
    std::int64_t at_end = 0;
};
Result<std::vector<MrrMonth>> mrr_by_month(postgres::Transaction& tx, const tenants::Actor& actor,
                                           const std::optional<std::string>& tenant, bool is_test);

}  // namespace tollgate::billing
