// Which facts are of the same money. An invoice may be paid by several payments, and each is told by several
// events: a payment intent, its charge, its invoice. Pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "billing/payment_fact.hpp"

namespace tollgate::billing {

// One payment's own: those that share an id of the payment itself.
struct MoneyPart {
    std::vector<const PaymentFact*> facts;
    const PaymentFact* captured = nullptr;          // the newest that says so
    std::optional<std::int64_t> refunded_in_all{};  // as the payment itself says last
};

// Newer first: by time, then by the provider's version, then by what is left, so that no order of arrival
// shows.
bool is_newer(const PaymentFact& a, const PaymentFact& b);

// Of the facts of one payment, those that are money. What only an invoice, an order or a checkout tells is a
// part of its own where nothing else is: otherwise it tells of the same money.
std::vector<MoneyPart> money_parts(std::span<const PaymentFact> facts);

}  // namespace tollgate::billing
