#include "providers/fill.hpp"
#include "providers/paypal/event_reading.hpp"

namespace tollgate::providers::paypal {

// A subscription names its plan, and only the plan's own object has a price.
void read_subscription(const EventReading& reading) {
    const Place resource = reading.body.at("/resource");
    const Place billing = resource.at("/billing_info");
    v1::PaymentEvent& event = reading.event;
    const std::string id = resource.text("/id");
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, id);
    event.mutable_references()->set_subscription_id(id);
    event.mutable_references()->set_external_id(resource.text("/custom_id"));
    event.mutable_plan()->set_id(resource.text("/plan_id"));
    event.set_quantity(resource.count("/quantity"));
    event.set_status(resource.text("/status"));
    auto& customer = *event.mutable_customer();
    customer.set_id(resource.text("/subscriber/payer_id"));
    customer.set_email(resource.text("/subscriber/email_address"));
    customer.set_name(
        full_name(resource.text("/subscriber/name/given_name"), resource.text("/subscriber/name/surname")));
    if (event.fact() == v1::FACT_SUBSCRIPTION_RENEWAL_FAILED) {
        put(amount(billing, "/last_failed_payment/amount"), event, &v1::PaymentEvent::mutable_amount);
        put(billing.time("/last_failed_payment/next_payment_retry_time"), event,
            &v1::PaymentEvent::mutable_next_attempt);
        event.set_failure_code(billing.text("/last_failed_payment/reason_code"));
        event.set_failure_reason(event.failure_code());
        event.set_attempt(billing.count("/failed_payments_count"));
        return;
    }
    put(billing.time("/next_billing_time"), *event.mutable_period(), &v1::Period::mutable_end);
    if (event.fact() == v1::FACT_SUBSCRIPTION_ENDED) {
        put(resource.time("/status_update_time"), event, &v1::PaymentEvent::mutable_ends_at);
        event.set_cancel_reason(resource.text("/status_change_note"));
    }
}

}  // namespace tollgate::providers::paypal
