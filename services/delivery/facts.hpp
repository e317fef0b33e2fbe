// Which fact an event tells, by the names that it has in common with events before it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "delivery/fact_names.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::delivery {

// Test payments are kept apart from real ones, and providers from each other.
struct FactTold {
    Uuid tenant;
    std::string provider;
    bool is_test = false;
    Uuid event;
    NamedFact fact;
};

// The fact of each: the event that was the first to tell it. Holds the names until the transaction ends, so
// that two members that are told of one fact wait for each other. Two facts that turn out to be one are made
// one.
std::vector<Uuid> hold_facts(postgres::Transaction& tx, std::span<const FactTold> told);

}  // namespace tollgate::delivery
