// A raw event of any provider as a payment event.
#pragma once

#include "core/result.hpp"
#include "events/payment_event.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

// What the provider's folder reads of the body, and what is known of any event. An event of an unknown type
// passes as `other`, with its body as it came. Pure; safe from any thread.
//
// Several events may tell of one movement of money (Stripe's invoice.paid, payment_intent.succeeded and
// charge.succeeded): `references` says which belong together. Only money in has arrived, and of money out
// only what the fact says has succeeded; a checkout, a renewal and an invoice tell beside a payment, not
// instead.
Result<events::PaymentEvent> normalise(const Provider& provider, const RawEvent& raw);

// For a provider whose events are not read: of none is more known than of any event.
Result<v1::PaymentEvent> read_nothing(const RawEvent& raw);

}  // namespace tollgate::providers
