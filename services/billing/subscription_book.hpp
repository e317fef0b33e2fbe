// The facts of subscriptions and invoices in Postgres.
#pragma once

#include <span>

#include "billing/subscription_fact.hpp"
#include "billing/told.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::billing {

// What these events told before is taken back first: `again` are all of a batch. Throws SqlError.
void keep_subscriptions(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> again,
                        std::span<const Told<SubscriptionFact>> told);
void keep_invoices(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> again,
                   std::span<const Told<InvoiceFact>> told);

}  // namespace tollgate::billing
