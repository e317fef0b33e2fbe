// One payment event becomes one message.
#pragma once

#include <optional>
#include <string>

#include "delivery/circumstances.hpp"
#include "delivery/layouts.hpp"
#include "delivery/message.hpp"

namespace tollgate::delivery {

Message compose(const v1::PaymentEvent& event, const Circumstances& circumstances);

// Headline without emoji and test mark, as compose makes it: for lists of events.
std::string headline_of(const v1::PaymentEvent& event, const Circumstances& circumstances);

v1::Priority priority_of(const v1::PaymentEvent& event);
std::optional<Timestamp> happened_at(const v1::PaymentEvent& event);

}  // namespace tollgate::delivery
