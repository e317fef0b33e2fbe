// The rows of payments and of the facts that they are reckoned from.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "billing/payment.hpp"
#include "billing/payment_names.hpp"
#include "billing/told.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::billing {

// Which payments these events told of, and who did.
std::map<PaymentKey, Uuid> forget_facts(postgres::Transaction& tx, std::span<const Uuid> tenants,
                                        std::span<const Uuid> events);
void keep_facts(postgres::Transaction& tx, std::span<const Told<PaymentFact>> told,
                const std::vector<Uuid>& payments);
std::map<PaymentKey, std::vector<PaymentFact>> read_facts(postgres::Transaction& tx,
                                                          const std::vector<PaymentKey>& payments);

// Makes those that are not there, and locks all. Nobody else reckons them until the transaction ends.
std::map<PaymentKey, Realm> lock_payments(postgres::Transaction& tx,
                                          const std::map<PaymentKey, Realm>& realms,
                                          const std::vector<PaymentKey>& payments);
void write_payments(postgres::Transaction& tx, const std::map<PaymentKey, Payment>& payments);
void remove_payments(postgres::Transaction& tx, const std::vector<PaymentKey>& payments);

}  // namespace tollgate::billing
