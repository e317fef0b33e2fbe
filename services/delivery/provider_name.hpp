// What people call a provider.
#pragma once

#include <string>

#include "events/payment_event.hpp"

namespace tollgate::delivery {

// "Stripe", "PayPal"; empty if the event names none.
std::string provider_name(const v1::PaymentEvent& event);

}  // namespace tollgate::delivery
