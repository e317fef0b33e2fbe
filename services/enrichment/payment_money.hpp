// What is left of one payment: paid, and given back. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "enrichment/customer_fact.hpp"

namespace tollgate::enrichment {

struct PaymentMoney {
    std::string_view currency;
    std::int64_t paid = 0;
    std::int64_t refunded = 0;  // never more
};

// Of one payment's facts, in the order of time: the newest state of it and of each refund counts. Without
// what `but` tells, if that is of a refund. Nothing where nobody has said how much was paid.
std::optional<PaymentMoney> money_of(std::span<const CustomerFact* const> facts,
                                     const CustomerFact* but = nullptr);

}  // namespace tollgate::enrichment
