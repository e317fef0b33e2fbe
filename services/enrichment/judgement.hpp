// How soon somebody should look at an event, and what to do about it: tables, to be read and argued with.
#pragma once

#include <string_view>

#include "events/payment_event.hpp"

namespace tollgate::enrichment {

// By what happened, raised for a customer who is worth much. The history must be on the event already.
v1::Priority priority_of(const events::PaymentEvent& payment);

// What only the customer's history tells: one sentence, or nothing. What any event of its kind suggests is
// said by who words the message.
std::string_view advice_of(const events::PaymentEvent& payment);

}  // namespace tollgate::enrichment
