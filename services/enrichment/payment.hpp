// A raw event as a payment event, and that as it is stored. Pure.
#pragma once

#include <string>
#include <string_view>

#include "archive/payment_events.hpp"
#include "core/result.hpp"
#include "enrichment/known_event.hpp"
#include "events/payment_event.hpp"
#include "providers/provider.hpp"

namespace tollgate::enrichment {

// What a provider's folder is told of an event: views of these.
providers::RawEvent to_raw(const KnownEvent& known, std::string_view body);

// Under the raw event's id, with its trace. What `encode` refuses is an error.
Result<archive::StoredPayment> to_stored(const archive::EventFacts& facts,
                                         const events::PaymentEvent& payment);

}  // namespace tollgate::enrichment
