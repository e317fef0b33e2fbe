#include "events/payment_event.hpp"
#include "providers/chargify/chargify.hpp"

namespace tollgate::providers::chargify {

// Of its events nothing is known beyond what any event has.
Result<v1::PaymentEvent> normalise(const RawEvent& /*raw*/) {
    return v1::PaymentEvent{};
}

}  // namespace tollgate::providers::chargify
