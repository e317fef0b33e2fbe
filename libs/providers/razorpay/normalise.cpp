#include "events/payment_event.hpp"
#include "providers/razorpay/razorpay.hpp"

namespace tollgate::providers::razorpay {

// Of its events nothing is known beyond what any event has.
Result<v1::PaymentEvent> normalise(const RawEvent& /*raw*/) {
    return v1::PaymentEvent{};
}

}  // namespace tollgate::providers::razorpay
