// The readers of each kind of Chargebee's events; what they are about stands in /content by its kind.
#pragma once

#include "providers/event_table.hpp"

namespace tollgate::providers::chargebee {

// In the currency's smallest unit.
std::optional<Money> amount(const Place& object, std::string_view below);
void read_customer_at(const Place& customer, v1::PaymentEvent& event);

void read_transaction(const EventReading& reading);
void read_refund(const EventReading& reading);
void read_invoice(const EventReading& reading);
void read_subscription(const EventReading& reading);
void read_customer(const EventReading& reading);

}  // namespace tollgate::providers::chargebee
