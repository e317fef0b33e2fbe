#include "events/payment_event.hpp"
#include "providers/standard_webhooks/standard_webhooks.hpp"

namespace tollgate::providers::standard_webhooks {

// Of its events nothing is known beyond what any event has.
Result<v1::PaymentEvent> normalise(const RawEvent& /*raw*/) {
    return v1::PaymentEvent{};
}

}  // namespace tollgate::providers::standard_webhooks
