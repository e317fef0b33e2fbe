// Customers' profiles (schema/): what events tell of them is kept, and their history is read for the events
// that follow.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "enrichment/customer_fact.hpp"
#include "events/payment_event.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::enrichment {

// A fact and the event that tells it.
struct ToldFact {
    Uuid event;
    Uuid tenant;
    std::string provider;
    CustomerFact fact;
    std::string currency;  // that the event is in, if any
    std::string realm{};   // whose numbers the ids are, where they are not unique everywhere

    // The provider's time, else the receipt.
    Timestamp at() const { return fact.at.value_or(time_of(event)); }
};

// Of these events, in place of what was kept of them before. Throws SqlError.
void keep_facts(postgres::Transaction& tx, std::span<const ToldFact> facts);
void forget_facts(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> events);

// What had happened to each one's customer until then, as far as it is kept, without the fact itself: who
// tells it a second time does not see the first. Nothing where the customer is not known. Of more facts than
// are read, those of the newest, and no value. Throws SqlError.
std::vector<std::optional<v1::CustomerHistory>> read_histories(postgres::Transaction& tx,
                                                               std::span<const ToldFact> facts);

}  // namespace tollgate::enrichment
