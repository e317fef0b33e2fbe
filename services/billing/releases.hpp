// What was reserved of a payment and let go again, where its provider counts that as given back. Pure.
#pragma once

#include <map>
#include <span>
#include <string>

#include "billing/payment_fact.hpp"

namespace tollgate::billing {

// Takes it out of what is said of each refund last, by its object: of those that speak of no more than
// themselves it is known by its amount, and of several alike it is the first. `refunds` are some of the
// facts.
void leave_out_released(std::span<const PaymentFact> facts,
                        std::map<std::string, const PaymentFact*>& refunds);

}  // namespace tollgate::billing
