// The readers of each kind of Square's objects.
#pragma once

#include "providers/event_table.hpp"

namespace tollgate::providers::square {

// {"amount", "currency"}, in the currency's smallest unit.
std::optional<Money> amount(const Place& object, std::string_view below);

void read_payment(const EventReading& reading);
void read_refund(const EventReading& reading);
void read_dispute(const EventReading& reading);
void read_invoice(const EventReading& reading);
void read_subscription(const EventReading& reading);
void read_customer(const EventReading& reading);
void read_payout(const EventReading& reading);

}  // namespace tollgate::providers::square
