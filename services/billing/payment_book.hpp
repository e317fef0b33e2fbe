// Payments and their ledger in Postgres: takes facts in, reckons the payments that they are of, and books
// what is different by now.
#pragma once

#include <span>

#include "billing/payment_fact.hpp"
#include "billing/told.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::billing {

using ToldPayment = Told<PaymentFact>;

// A fact that was told by its event before (it is done over) takes the other's place: `again` are all events
// of this batch, also those that tell nothing now. Throws SqlError.
void book(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> again,
          std::span<const ToldPayment> told);

}  // namespace tollgate::billing
