// Which facts are of the same money. An invoice may be paid by several payments, and each is told by several
// events: a payment intent, its charge, its invoice. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "billing/payment_fact.hpp"

namespace tollgate::billing {

// What has come, as one of them says.
struct Proof {
    Timestamp at;
    std::optional<archive::Amount> amount;
};

// One payment's own: those that share an id of the payment itself.
struct MoneyPart {
    std::vector<const PaymentFact*> facts;
    const PaymentFact* captured = nullptr;          // the newest that says so
    std::vector<Proof> proofs{};                    // its own, else one of each invoice that it has paid
    std::optional<std::int64_t> refunded_in_all{};  // as the payment itself says last
    // Of what is taken back since, each once: all of it where one does not say how much.
    std::vector<const PaymentFact*> taken_back{};
};

// Newer first: by time, then by what comes of a payment last, then by the provider's version, its id of the
// event and what is left, so that no order of arrival shows.
bool is_newer(const PaymentFact& a, const PaymentFact& b);

// Of each fact, which one's part it is of: two that share an id of the payment itself have the same.
std::vector<std::size_t> parts_of(std::span<const PaymentFact> facts);

// Of the facts of one payment, those that are money. What only an invoice, an order or a checkout tells is a
// part of its own where nothing else is: otherwise it tells of the same money.
std::vector<MoneyPart> money_parts(std::span<const PaymentFact> facts);

}  // namespace tollgate::billing
