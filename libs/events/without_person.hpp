// A payment event that says what happened, and no more to whom.
#pragma once

#include <string_view>

#include "events/payment_event.hpp"

namespace tollgate::events {

// Takes away what names or describes a person, and what somebody else wrote and may. What is left of the
// customer is the provider's id. Pure, as the other.
void forget_person(PaymentEvent& event);

// And with a pseudonym in place of that id, wherever the event has it.
void put_pseudonym(PaymentEvent& event, std::string_view pseudonym);

}  // namespace tollgate::events
