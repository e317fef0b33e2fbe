// What went back to payers: refunds and disputes. Pure.
#pragma once

#include <optional>
#include <span>

#include "billing/payment.hpp"

namespace tollgate::billing {

// To a payment whose captures are known.
void add_refunds(std::span<const PaymentFact> facts, Payment& payment);

// The worst that is said of any: being decided, lost, won. After the refunds.
std::optional<Status> add_disputes(std::span<const PaymentFact> facts, Payment& payment);

}  // namespace tollgate::billing
