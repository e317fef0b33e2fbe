// The payment event (proto/tollgate/v1) as the data of a record: to bytes and back, and the attributes that
// belong to it.
#pragma once

#include <string>
#include <string_view>

#include <tollgate/v1/payment_event.pb.h>

#include "core/result.hpp"
#include "events/cloud_event.hpp"

namespace tollgate::events {

using PaymentEvent = v1::PaymentEvent;

// The same event gives the same bytes, fields that this build does not know included. A text that is not
// UTF-8 is an error, for nobody could read the record, and so is a time outside the years 0001 to 9999.
Result<std::string> encode(const PaymentEvent& event);

// What this build does not know is kept and written again by encode. Refuses what encode refuses.
Result<PaymentEvent> decode_payment_event(std::string_view bytes);

// "money_in", "subscription", ...: the last word of ce_type. What has no name here is "other".
std::string_view name(v1::Category category);

// "<provider>.<their type>": the type of a raw event.
std::string raw_type(std::string_view provider, std::string_view provider_event_type);

// The attributes of the payment event that was made of this raw event: the same id and trace, a source of its
// own, and the provider's time where it is known (and one that encode accepts).
CloudEvent attributes_of(const PaymentEvent& payment, const CloudEvent& raw);
// The same where only this much of it is at hand: its category by name, the id of its subject, and its time
// in `raw`.
CloudEvent payment_attributes(CloudEvent raw, std::string_view category, std::string subject);

}  // namespace tollgate::events
