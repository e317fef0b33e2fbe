// Several events of one fact, told as one. Pure.
#pragma once

#include <span>

#include "events/payment_event.hpp"

namespace tollgate::delivery {

// The one that says most, with what it lacks taken from the others. At least one is needed.
v1::PaymentEvent told_as_one(std::span<const v1::PaymentEvent> siblings);

}  // namespace tollgate::delivery
