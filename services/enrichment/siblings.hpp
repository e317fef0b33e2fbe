// Which of a customer's facts are of one payment, and which failures are one attempt. Providers tell one
// thing in several events, and these may have no id in common: since Stripe's version "basil" an invoice
// names no payment, and the payment no invoice. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "enrichment/customer_fact.hpp"

namespace tollgate::enrichment {

// A bill and a payment of the same amount within one_occurrence that belong to nothing else are one.
struct Siblings {
    std::vector<std::size_t> payments;  // of each fact; equal where they are of one payment
    std::vector<std::size_t> attempts;  // of each failure likewise
};

// `facts` in the order of time.
Siblings find_siblings(std::span<const CustomerFact* const> facts);

// "payment/pi_1" is of the kind "payment".
bool is_name_of(std::string_view name, std::string_view kind);

}  // namespace tollgate::enrichment
