#include <algorithm>
#include <array>

#include "providers/event_table.hpp"
#include "providers/fill.hpp"
#include "providers/gocardless/gocardless.hpp"

namespace tollgate::providers::gocardless {

namespace {

// What every event has: the objects that it links, and why. None has an amount.
void read_links(const EventReading& reading) {
    const Place& body = reading.body;
    v1::PaymentEvent& event = reading.event;
    auto& references = *event.mutable_references();
    references.set_payment_id(body.text("/links/payment"));
    references.set_subscription_id(body.text("/links/subscription"));
    references.set_refund_id(body.text("/links/refund"));
    references.set_payout_id(body.text("/links/payout"));
    event.mutable_customer()->set_id(body.text("/links/customer"));
    if (auto mandate = body.text("/links/mandate"); !mandate.empty())
        add_attribute(event, "mandate", mandate);
    body.attributes("/metadata", event);
    body.attributes("/resource_metadata", event);
}

void read_payment(const EventReading& reading) {
    v1::PaymentEvent& event = reading.event;
    read_links(reading);
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, event.references().payment_id());
    if (event.fact() == v1::FACT_PAYMENT_FAILED) {
        event.set_failure_code(reading.body.text("/details/cause"));
        event.set_failure_reason(reading.body.text("/details/description"));
    }
    // A bank may say so days after the payment was confirmed.
    if (event.fact() == v1::FACT_PAYMENT_FAILED || reading.type == "payments.late_failure_settled")
        event.set_settlement(v1::SETTLEMENT_TAKEN_BACK);
}

// The debit is taken back by the payer's bank: there is one for a payment, and it has no id of its own.
void read_chargeback(const EventReading& reading) {
    v1::PaymentEvent& event = reading.event;
    read_payment(reading);
    event.mutable_references()->set_dispute_id(event.references().payment_id());
    event.set_dispute_reason(reading.body.text("/details/cause"));
}

void read_refund(const EventReading& reading) {
    v1::PaymentEvent& event = reading.event;
    read_links(reading);
    set_subject(event, v1::SUBJECT_KIND_REFUND, event.references().refund_id());
    if (event.fact() == v1::FACT_REFUND_FAILED)
        event.set_failure_reason(reading.body.text("/details/description"));
}

void read_subscription(const EventReading& reading) {
    v1::PaymentEvent& event = reading.event;
    read_links(reading);
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, event.references().subscription_id());
    if (event.fact() == v1::FACT_SUBSCRIPTION_ENDED)
        event.set_cancel_reason(reading.body.text("/details/description"));
}

// Without its mandate no payment can be taken.
void read_mandate(const EventReading& reading) {
    v1::PaymentEvent& event = reading.event;
    read_links(reading);
    set_subject(event, v1::SUBJECT_KIND_UNSPECIFIED, reading.body.text("/links/mandate"),
                reading.body.text("/details/description"));
    event.set_failure_code(reading.body.text("/details/cause"));
    event.set_failure_reason(reading.body.text("/details/description"));
}

void read_payout(const EventReading& reading) {
    read_links(reading);
    set_subject(reading.event, v1::SUBJECT_KIND_PAYOUT, reading.event.references().payout_id());
}

constexpr auto events = std::to_array<EventRow>({
    {"mandates.cancelled", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_UNSPECIFIED, read_mandate},
    {"mandates.expired", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_UNSPECIFIED, read_mandate},
    {"mandates.failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_UNSPECIFIED, read_mandate},
    {"payments.cancelled", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_payment},
    {"payments.chargeback_cancelled", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_chargeback},
    {"payments.chargeback_settled", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_LOST, read_chargeback},
    {"payments.charged_back", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_chargeback},
    {"payments.confirmed", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_payment},
    {"payments.created", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_payment},
    {"payments.customer_approval_denied", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_payment},
    {"payments.failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_payment},
    {"payments.late_failure_settled", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_payment},
    {"payments.paid_out", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_payment},
    {"payments.submitted", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_payment},
    {"payouts.paid", v1::CATEGORY_MONEY_OUT, v1::FACT_PAYOUT_PAID, read_payout},
    {"refunds.created", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"refunds.failed", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"refunds.funds_returned", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"refunds.paid", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
    {"subscriptions.amended", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED, read_subscription},
    {"subscriptions.cancelled", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED, read_subscription},
    {"subscriptions.created", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED, read_subscription},
    {"subscriptions.finished", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED, read_subscription},
    {"subscriptions.paused", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED, read_subscription},
    {"subscriptions.resumed", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_RESUMED, read_subscription},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

}  // namespace

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    return read_event(events, raw);
}

}  // namespace tollgate::providers::gocardless
