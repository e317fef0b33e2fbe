// What a payment event says, as tables can hold it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "archive/payment_events.hpp"
#include "core/clock.hpp"
#include "events/payment_event.hpp"

namespace tollgate::archive {

// Postgres keeps no zero byte in a text; the payment event itself has it as it came.
std::string without_zeros(std::string text);
// A provider's id as a key: an index takes no more than a third of a page, so what is very long is known by
// its digest.
std::string indexed(std::string_view id);
// Nothing for a time that no payment event may have, nor for none.
std::optional<Timestamp> time_of(const google::protobuf::Timestamp& time);
std::optional<Timestamp> provider_time(const events::PaymentEvent& payment);
// Nothing where there is none, or none of a currency.
std::optional<Amount> amount_of(const v1::Money& money);

}  // namespace tollgate::archive
