// What was reserved of a payment and let go again, where its provider counts that as given back. Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "billing/payment_fact.hpp"

namespace tollgate::billing {

// A later event may count what was let go as given back, where its version of the provider's API is another
// than the one that the capture was asked for in. The capture's own event knows better: nothing can have gone
// back before it. These are the facts as they would be with that known; nothing where none of them knows.
std::optional<std::vector<PaymentFact>> without_released(std::span<const PaymentFact> facts);

// Takes it out of what is said of each refund last, by its object: of those that speak of no more than
// themselves it is known by its amount, and of several alike it is the first. `refunds` are some of the
// facts.
void leave_out_released(std::span<const PaymentFact> facts,
                        std::map<std::string, const PaymentFact*>& refunds);

}  // namespace tollgate::billing
