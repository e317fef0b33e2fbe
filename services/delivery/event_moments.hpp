// The moments that an event tells of, and how far off they are.
#pragma once

#include <optional>
#include <string>

#include "delivery/dates.hpp"
#include "events/payment_event.hpp"

namespace tollgate::delivery {

using Moment = std::optional<Timestamp>;

Moment evidence_due(const v1::PaymentEvent& event);
Moment ends_at(const v1::PaymentEvent& event);
Moment trial_end(const v1::PaymentEvent& event);
Moment next_attempt(const v1::PaymentEvent& event);

// Nothing once it has passed.
Moment ahead_of(Timestamp now, const Moment& at);

// How long until then, as people count: a notice that is sent three days ahead says three days, not what the
// minutes on its way have left of them. Empty once it has passed.
std::string time_left(const Moment& at, Timestamp now);

}  // namespace tollgate::delivery
