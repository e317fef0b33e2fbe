// What the tests of normalise share.
#pragma once

#include <string>
#include <string_view>

#include "providers/normalise.hpp"

namespace tollgate::providers::testing {

// A body as it would be stored, of a source of the tenant's that is called after its provider.
Result<events::PaymentEvent> normalised(std::string_view provider, std::string_view type,
                                        std::string_view body);
// It must be one.
events::PaymentEvent event_of(std::string_view provider, std::string_view type, std::string_view body);
// The sentence of the error; empty if there is none.
std::string refused(std::string_view provider, std::string_view type, std::string_view body);

// Stripe's event of that object.
std::string stripe_body(std::string_view object, std::string_view before = "{}");
events::PaymentEvent stripe_event(std::string_view type, std::string_view object,
                                  std::string_view before = "{}");

// The body of a sample with one text replaced by another, each time that it is in it: at least once.
std::string sample_with(std::string_view provider, std::string_view type, std::string_view text,
                        std::string_view other);

// What the sample is with that replaced.
events::PaymentEvent event_with(std::string_view provider, std::string_view type, std::string_view text,
                                std::string_view other);
// "FACT_PAYMENT_SUCCEEDED"
std::string fact_of(const events::PaymentEvent& event);
std::string fact_with(std::string_view provider, std::string_view type, std::string_view text,
                      std::string_view other);

// "9900 USD"
std::string words(const v1::Money& money);

}  // namespace tollgate::providers::testing
