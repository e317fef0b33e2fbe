// What the facts that are kept of a customer add up to. It takes one pass over them however many events ask,
// so that a customer of thousands of payments delays nobody else. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "enrichment/customer_fact.hpp"

namespace tollgate::enrichment {

struct Value {
    std::int64_t paid = 0;
    std::int64_t refunded = 0;
};

struct Standing {
    std::uint32_t orders = 0;
    std::uint32_t payments = 0;
    std::uint32_t failures = 0;
    std::uint32_t failures_in_row = 0;  // none of them is left out
    std::uint32_t disputes = 0;
    std::optional<Timestamp> last_payment;
    std::map<std::string, Value> values;  // by currency
};

struct Question {
    Timestamp until = Timestamp::max();
    // What is told by it, and by whatever else tells the same, is left out.
    const CustomerFact* but = nullptr;
};

// An answer to each question. Facts without a time are as old as can be. Which events are of one payment is
// known from all facts, also from those that are newer than a question.
std::vector<Standing> reckon(std::span<const CustomerFact> facts, std::span<const Question> questions);

}  // namespace tollgate::enrichment
