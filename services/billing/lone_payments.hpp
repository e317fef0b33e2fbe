// Invoices and payments that do not name each other, and may be the same money told twice: a provider's
// invoice may not say which payment has paid it, nor the payment what for, until a third event does or never.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "billing/payment.hpp"
#include "billing/payment_names.hpp"
#include "billing/told.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::billing {

struct Payer {
    Realm realm;
    std::string customer;

    auto operator<=>(const Payer&) const = default;
};

struct LonePayment {
    PaymentKey key;
    Payer payer;
    Lone side = Lone::payment;
    Timestamp paid_at{};
    std::int64_t minor = 0;
    std::string currency;
    std::optional<Uuid> taken_for{};
};

// Nothing for one that is not lone, or whose payer nobody knows.
std::optional<LonePayment> lone_payment(const PaymentKey& key, const Realm& realm, const Payment& payment);

// Pure. Which invoice is taken for which payment: of one payer and one amount, within minutes of each other,
// each payment once, and as many as can be.
std::map<PaymentKey, Uuid> pair_up(std::vector<LonePayment> all);

// Until the transaction ends: two members that are told of one payer's wait for each other.
void hold_payers(postgres::Transaction& tx, const std::set<Payer>& payers);

// As they are stored: of these payments those that are lone.
std::vector<LonePayment> read_lone(postgres::Transaction& tx, const std::vector<PaymentKey>& payments);
// And those of one side that are like them in payer and amount, and were paid about when these were.
std::vector<LonePayment> read_lone_near(postgres::Transaction& tx, std::span<const LonePayment> all,
                                        Lone side);

}  // namespace tollgate::billing
