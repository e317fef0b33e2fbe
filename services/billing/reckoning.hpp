// What reckoning with a payment's facts has in common. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/money_parts.hpp"
#include "billing/payment.hpp"

namespace tollgate::billing {

using Facts = std::span<const PaymentFact>;

// Nobody's money is beyond this, and sums of it fit.
constexpr std::int64_t amount_max = std::int64_t{1} << 53U;

inline std::int64_t sane(std::int64_t minor) {
    return std::clamp(minor, std::int64_t{0}, amount_max);
}

inline std::int64_t in_currency(const PaymentFact& fact, const std::string& currency) {
    return fact.amount && fact.amount->currency == currency ? sane(fact.amount->minor) : 0;
}

inline const PaymentFact* newest_of(Facts facts, auto&& wanted) {
    const PaymentFact* found = nullptr;
    for (const PaymentFact& fact : facts) {
        if (wanted(fact) && (found == nullptr || is_newer(fact, *found))) found = &fact;
    }
    return found;
}

inline void note(Payment& payment, std::string_view what) {
    if (!payment.oddity.empty()) payment.oddity += "; ";
    payment.oddity += what;
}

inline bool is_dispute(FactKind kind) {
    return kind == FactKind::dispute_opened || kind == FactKind::dispute_won ||
           kind == FactKind::dispute_lost;
}

// The newest that one of them tells.
inline void add_fee(const std::vector<const PaymentFact*>& facts, auto&& wanted, Payment& payment) {
    const PaymentFact* newest = nullptr;
    for (const PaymentFact* fact : facts) {
        const bool counts = fact->fee && *fact->fee > 0 && wanted(*fact);
        if (counts && (newest == nullptr || is_newer(*fact, *newest))) newest = fact;
    }
    if (newest != nullptr) payment.fee = sane(payment.fee + sane(*newest->fee));
}

}  // namespace tollgate::billing
