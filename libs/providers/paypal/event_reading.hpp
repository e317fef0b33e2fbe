// The readers of each kind of PayPal's resources.
#pragma once

#include "providers/event_table.hpp"

namespace tollgate::providers::paypal {

// Of both ages: {"value", "currency_code"}, and {"total" or "value", "currency"}.
std::optional<Money> amount(const Place& resource, std::string_view below);

void read_payment(const EventReading& reading);
void read_refund(const EventReading& reading);
void read_reversal(const EventReading& reading);
void read_order(const EventReading& reading);
void read_dispute(const EventReading& reading);
void read_subscription(const EventReading& reading);

}  // namespace tollgate::providers::paypal
