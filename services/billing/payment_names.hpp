// Which payment a fact is of, by the names that it has in common with others.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "billing/payment_fact.hpp"
#include "billing/told.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::billing {

using PaymentKey = std::pair<Uuid, Uuid>;  // tenant, payment

struct NamedPayments {
    std::vector<Uuid> payment_of;       // for each fact
    std::map<PaymentKey, Uuid> became;  // a payment that turned out to be another's, and which
};

// Finds or makes the payments of these facts, and holds their names until the transaction ends: two members
// that are told of one payment by different names wait for each other. Facts of a payment that became
// another's are moved.
NamedPayments name_payments(postgres::Transaction& tx, std::span<const Told<PaymentFact>> told);

}  // namespace tollgate::billing
