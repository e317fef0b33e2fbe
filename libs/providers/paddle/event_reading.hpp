// The readers of each kind of Paddle's objects.
#pragma once

#include "providers/event_table.hpp"

namespace tollgate::providers::paddle {

// Texts of digits, in the currency's smallest unit; numbers where somebody made them of those.
std::optional<Money> amount(const Place& data, std::string_view below);

void read_transaction(const EventReading& reading);
void read_adjustment(const EventReading& reading);
void read_subscription(const EventReading& reading);
void read_customer(const EventReading& reading);
void read_payout(const EventReading& reading);

}  // namespace tollgate::providers::paddle
