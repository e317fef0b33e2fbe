// Customers whom operators have erased, in events that had come before: a redo, a replay or a late event
// makes no profile of theirs again.
#pragma once

#include <span>

#include "enrichment/reading.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

// Takes the persons out of these events, and puts the pseudonyms in, under which facts and profiles are kept.
// Before anything is written of them: see consumer/erased.hpp. What they tell of such a customer that was not
// known before, payments and an address, is remembered for the events that name no customer. Throws SqlError.
void forget_erased(postgres::Transaction& tx, std::span<ReadEvent* const> events);

// The payment event that goes on has the provider's id and nothing else of the person. Billing knows payers
// by it, before an erasure and after, and pairs invoices with payments of one payer: under two names they
// would be booked twice.
void name_by_id(ReadEvent& event);

}  // namespace tollgate::enrichment
