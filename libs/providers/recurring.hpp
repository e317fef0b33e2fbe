// Monthly recurring revenue (MRR): what a subscription brings in a month by its list price. Discounts and
// what is billed by use are not in it, because events seldom tell them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/money.hpp"
#include "events/payment_event.hpp"

namespace tollgate::providers {

// "month", "monthly", "day": unspecified if it is none.
v1::Interval interval_of(std::string_view word);

// For one unit, every so many intervals; 0 intervals are one. To the nearest unit, a half away from zero;
// nothing if it is paid once, or does not fit.
std::optional<Money> monthly(const Money& price, std::uint64_t quantity, v1::Interval interval,
                             std::uint32_t interval_count);

// The event's mrr, mrr_effect and mrr_delta. `ran_before`: there was a subscription, and it had ended or
// stood still. Of what is not known before, or was paid in another currency, no difference is told.
void tell_movement(v1::PaymentEvent& event, const std::optional<Money>& before, const Money& after,
                   bool ran_before);

}  // namespace tollgate::providers
