#include <algorithm>
#include <array>

#include "providers/fill.hpp"
#include "providers/paddle/event_reading.hpp"
#include "providers/paddle/paddle.hpp"

namespace tollgate::providers::paddle {

namespace {

// A transaction is paid, and a moment later completed, when Paddle knows its fee: one payment.
constexpr auto events = std::to_array<EventRow>({
    {"adjustment.created", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_adjustment},
    {"adjustment.updated", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_adjustment},
    {"customer.created", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_CREATED, read_customer},
    {"customer.updated", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_customer},
    {"payout.paid", v1::CATEGORY_MONEY_OUT, v1::FACT_PAYOUT_PAID, read_payout},
    {"subscription.activated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ACTIVATED, read_subscription},
    {"subscription.canceled", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED, read_subscription},
    {"subscription.created", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED, read_subscription},
    {"subscription.past_due", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE, read_subscription},
    {"subscription.paused", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED, read_subscription},
    {"subscription.resumed", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_RESUMED, read_subscription},
    {"subscription.trialing", v1::CATEGORY_SUBSCRIPTION, v1::FACT_TRIAL_STARTED, read_subscription},
    {"subscription.updated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED, read_subscription},
    {"transaction.canceled", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_transaction},
    {"transaction.completed", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_transaction},
    {"transaction.paid", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_transaction},
    {"transaction.past_due", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_transaction},
    {"transaction.payment_failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_transaction},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

constexpr auto error_codes = std::to_array<CodeWords>({
    {"authentication_failed", "the payer did not confirm the payment"},
    {"blocked_card", "the card is blocked"},
    {"canceled", "the payer cancelled the payment"},
    {"declined", "the card was declined"},
    {"declined_not_retryable", "the bank declined it and asks not to try again"},
    {"expired_card", "the card has expired"},
    {"fraud", "the bank declined it without a reason"},
    {"invalid_amount", "the bank does not take this amount"},
    {"invalid_payment_details", "the card's details are wrong"},
    {"issuer_unavailable", "the bank could not be reached"},
    {"not_enough_balance", "insufficient funds"},
    {"preferred_network_not_supported", "the card's network is not supported"},
    {"psp_error", "the payment could not be processed"},
    {"redacted_payment_method", "the payment method is not there any more"},
    {"system_error", "the payment could not be processed"},
    {"transaction_not_permitted", "the card does not allow this kind of payment"},
});
static_assert(std::ranges::is_sorted(error_codes, {}, &CodeWords::code));

// The newest attempt is the first in the list.
void read_attempt(const Place& data, v1::PaymentEvent& event) {
    const Place attempt = data.at("/payments/0");
    const Place card = attempt.at("/method_details/card");
    set_card(event, card.text("/type"), card.text("/last4"), card.count("/expiry_month"),
             card.count("/expiry_year"));
    event.mutable_customer()->set_name(card.text("/cardholder_name"));
    if (event.fact() != v1::FACT_PAYMENT_FAILED) return;
    const std::string code = attempt.text("/error_code");
    event.set_failure_code(code);
    const std::string_view words = words_for(error_codes, code);
    event.set_failure_reason(words.empty() ? code : std::string{words});
}

}  // namespace

std::optional<Money> amount(const Place& data, std::string_view below) {
    return data.digits(below, "/currency_code");
}

void read_transaction(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    const std::string id = data.text("/id");
    const std::string number = data.text("/invoice_number");
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id, number.empty() ? "" : fmt::format("Invoice {}", number));
    auto& references = *event.mutable_references();
    references.set_payment_id(id);
    references.set_invoice_id(data.text("/invoice_id"));
    references.set_invoice_number(number);
    references.set_subscription_id(data.text("/subscription_id"));
    event.set_billing_reason(data.text("/origin"));
    event.mutable_customer()->set_id(data.text("/customer_id"));
    // What a credit has paid is in the total, and no money that comes.
    auto paid = amount(data, "/details/totals/grand_total");
    if (!paid) paid = amount(data, "/details/totals/total");
    put(paid, event, &v1::PaymentEvent::mutable_amount);
    put(amount(data, "/details/totals/tax"), event, &v1::PaymentEvent::mutable_tax);
    put(amount(data, "/details/totals/fee"), event, &v1::PaymentEvent::mutable_fee);
    put(data.time("/billing_period/starts_at"), *event.mutable_period(), &v1::Period::mutable_start);
    put(data.time("/billing_period/ends_at"), *event.mutable_period(), &v1::Period::mutable_end);
    // One that begins a trial costs nothing.
    if (event.category() == v1::CATEGORY_MONEY_IN && paid && paid->minor == 0)
        tell(event, v1::CATEGORY_OTHER, v1::FACT_CHECKOUT_COMPLETED);
    read_attempt(data, event);
    data.attributes("/custom_data", event);
}

// Paddle approves most refunds before it makes them. A chargeback and its reversal are adjustments of their
// own, and have the transaction in common; a warning and a credit move no money.
void read_adjustment(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    const std::string action = data.text("/action");
    const std::string status = data.text("/status");
    const std::string transaction = data.text("/transaction_id");
    auto& references = *event.mutable_references();
    references.set_payment_id(transaction);
    references.set_subscription_id(data.text("/subscription_id"));
    event.mutable_customer()->set_id(data.text("/customer_id"));
    put(amount(data, "/totals/total"), event, &v1::PaymentEvent::mutable_amount);
    put(amount(data, "/totals/tax"), event, &v1::PaymentEvent::mutable_tax);
    event.set_status(status);
    if (action == "chargeback" || action == "chargeback_reverse") {
        event.set_fact(action == "chargeback" ? v1::FACT_DISPUTE_OPENED : v1::FACT_DISPUTE_WON);
        set_subject(event, v1::SUBJECT_KIND_DISPUTE, data.text("/id"), data.text("/reason"));
        references.set_dispute_id(transaction);
        event.set_dispute_reason(data.text("/reason"));
        return;
    }
    set_subject(event, v1::SUBJECT_KIND_REFUND, data.text("/id"), data.text("/reason"));
    if (action != "refund") return;
    references.set_refund_id(data.text("/id"));
    if (status == "approved") event.set_fact(v1::FACT_REFUND_SUCCEEDED);
    if (status == "rejected" || status == "reversed") event.set_fact(v1::FACT_REFUND_FAILED);
}

void read_customer(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, data.text("/id"));
    auto& customer = *event.mutable_customer();
    customer.set_id(data.text("/id"));
    customer.set_email(data.text("/email"));
    customer.set_name(data.text("/name"));
    customer.set_locale(data.text("/locale"));
    data.attributes("/custom_data", event);
}

void read_payout(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    set_subject(reading.event, v1::SUBJECT_KIND_PAYOUT, data.text("/id"));
    reading.event.mutable_references()->set_payout_id(data.text("/id"));
    put(amount(data, "/amount"), reading.event, &v1::PaymentEvent::mutable_amount);
}

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    return read_event(events, raw);
}

}  // namespace tollgate::providers::paddle
