#include "events/payment_event.hpp"
#include "providers/school/school.hpp"

namespace tollgate::providers::school {

// Of its events nothing is known beyond what any event has.
Result<v1::PaymentEvent> normalise(const RawEvent& /*raw*/) {
    return v1::PaymentEvent{};
}

}  // namespace tollgate::providers::school
