#include <algorithm>
#include <array>

#include "providers/fill.hpp"
#include "providers/square/event_reading.hpp"
#include "providers/square/square.hpp"

namespace tollgate::providers::square {

namespace {

// Most events tell that an object has changed: what happened is its state.
constexpr auto events = std::to_array<EventRow>({
    {"customer.created", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_CREATED, read_customer},
    {"customer.deleted", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_DELETED, read_customer},
    {"customer.updated", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_customer},
    {"dispute.created", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"dispute.state.changed", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"dispute.state.updated", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"invoice.canceled", v1::CATEGORY_OTHER, v1::FACT_INVOICE_VOIDED, read_invoice},
    {"invoice.payment_made", v1::CATEGORY_MONEY_IN, v1::FACT_INVOICE_PAID, read_invoice},
    {"invoice.published", v1::CATEGORY_OTHER, v1::FACT_INVOICE_CREATED, read_invoice},
    {"invoice.scheduled_charge_failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_INVOICE_PAYMENT_FAILED,
     read_invoice},
    {"payment.created", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_payment},
    {"payment.updated", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_payment},
    {"payout.failed", v1::CATEGORY_MONEY_OUT, v1::FACT_PAYOUT_FAILED, read_payout},
    {"payout.paid", v1::CATEGORY_MONEY_OUT, v1::FACT_PAYOUT_PAID, read_payout},
    {"refund.created", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"refund.updated", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"subscription.created", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED, read_subscription},
    {"subscription.updated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED, read_subscription},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

struct StateRow {
    std::string_view state;
    v1::Category category;
    v1::Fact fact;
};
constexpr auto payment_states =
    std::to_array<StateRow>({{"APPROVED", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED},
                             {"CANCELED", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED},
                             {"COMPLETED", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED},
                             {"FAILED", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED},
                             {"PENDING", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING}});
constexpr auto refund_states =
    std::to_array<StateRow>({{"COMPLETED", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED},
                             {"FAILED", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED},
                             {"REJECTED", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED}});
constexpr auto dispute_states =
    std::to_array<StateRow>({{"ACCEPTED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_LOST},
                             {"INQUIRY_CLOSED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON},
                             {"LOST", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_LOST},
                             {"WON", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON}});

void tell_state(std::span<const StateRow> states, std::string_view state, v1::PaymentEvent& event) {
    const auto row = std::ranges::find(states, state, &StateRow::state);
    if (row != states.end()) tell(event, row->category, row->fact);
}

constexpr auto error_codes = std::to_array<CodeWords>({
    {"ADDRESS_VERIFICATION_FAILURE", "the address does not match the card's"},
    {"CARD_DECLINED", "the card was declined"},
    {"CARD_DECLINED_CALL_ISSUER", "the bank declined it without a reason"},
    {"CARD_DECLINED_VERIFICATION_REQUIRED", "the bank asks the payer to confirm the payment"},
    {"CARD_EXPIRED", "the card has expired"},
    {"CARD_NOT_SUPPORTED", "the card is not supported"},
    {"CVV_FAILURE", "the security code is wrong"},
    {"EXPIRATION_FAILURE", "the expiry date is wrong"},
    {"GENERIC_DECLINE", "the bank declined it without a reason"},
    {"INSUFFICIENT_FUNDS", "insufficient funds"},
    {"INVALID_ACCOUNT", "the bank account cannot be used"},
    {"INVALID_CARD", "the card's number is wrong"},
    {"PAN_FAILURE", "the card's number is wrong"},
    {"TRANSACTION_LIMIT", "the card is over its limit"},
    {"VOICE_FAILURE", "the bank asks for a call"},
});
static_assert(std::ranges::is_sorted(error_codes, {}, &CodeWords::code));

Place object_of(const EventReading& reading, std::string_view kind) {
    return reading.body.at(fmt::format("/data/object/{}", kind));
}

void read_version(const Place& object, v1::PaymentEvent& event) {
    event.set_provider_version(object.count("/version"));
}

}  // namespace

std::optional<Money> amount(const Place& object, std::string_view below) {
    return object.at(below).units("/amount", "/currency");
}

void read_payment(const EventReading& reading) {
    const Place payment = object_of(reading, "payment");
    v1::PaymentEvent& event = reading.event;
    const std::string id = payment.text("/id");
    tell_state(payment_states, payment.text("/status"), event);
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id, payment.text("/note"));
    auto& references = *event.mutable_references();
    references.set_payment_id(id);
    references.set_order_id(payment.text("/order_id"));
    references.set_external_id(payment.text("/reference_id"));
    // With the tip.
    auto money = amount(payment, "/total_money");
    if (!money) money = amount(payment, "/amount_money");
    put(money, event, &v1::PaymentEvent::mutable_amount);
    put(amount(payment, "/refunded_money"), event, &v1::PaymentEvent::mutable_amount_refunded);
    // What comes after the first corrects it, and may be less than nothing.
    put(amount(payment, "/processing_fee/0/amount_money"), event, &v1::PaymentEvent::mutable_fee);
    event.mutable_customer()->set_id(payment.text("/customer_id"));
    event.mutable_customer()->set_email(payment.text("/buyer_email_address"));
    const Place card = payment.at("/card_details/card");
    set_card(event, card.text("/card_brand"), card.text("/last_4"), card.count("/exp_month"),
             card.count("/exp_year"));
    if (event.fact() == v1::FACT_PAYMENT_FAILED) {
        const Place error = payment.at("/card_details/errors/0");
        event.set_failure_code(error.text("/code"));
        const std::string_view words = words_for(error_codes, event.failure_code());
        event.set_failure_reason(words.empty() ? error.text("/detail") : std::string{words});
    }
    read_version(payment, event);
    add_link(event, v1::LINK_KIND_RECEIPT, payment.text("/receipt_url"));
}

void read_refund(const EventReading& reading) {
    const Place refund = object_of(reading, "refund");
    v1::PaymentEvent& event = reading.event;
    const std::string id = refund.text("/id");
    tell_state(refund_states, refund.text("/status"), event);
    set_subject(event, v1::SUBJECT_KIND_REFUND, id, refund.text("/reason"));
    // The order of a refund is one of its own.
    event.mutable_references()->set_refund_id(id);
    event.mutable_references()->set_payment_id(refund.text("/payment_id"));
    put(amount(refund, "/amount_money"), event, &v1::PaymentEvent::mutable_amount);
    read_version(refund, event);
}

void read_dispute(const EventReading& reading) {
    const Place dispute = object_of(reading, "dispute");
    v1::PaymentEvent& event = reading.event;
    const std::string id = dispute.first_text({"/id", "/dispute_id"});
    tell_state(dispute_states, dispute.text("/state"), event);
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id);
    event.mutable_references()->set_dispute_id(id);
    event.mutable_references()->set_payment_id(dispute.text("/disputed_payment/payment_id"));
    put(amount(dispute, "/amount_money"), event, &v1::PaymentEvent::mutable_amount);
    event.set_dispute_reason(dispute.text("/reason"));
    event.set_status(dispute.text("/state"));
    auto due = dispute.time("/due_at");
    if (!due) due = dispute.day("/due_at");
    put(due, event, &v1::PaymentEvent::mutable_evidence_due);
    read_version(dispute, event);
}

void read_customer(const EventReading& reading) {
    const Place from = object_of(reading, "customer");
    v1::PaymentEvent& event = reading.event;
    const std::string id = from.has("/id") ? from.text("/id") : reading.body.text("/data/id");
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, id);
    auto& customer = *event.mutable_customer();
    customer.set_id(id);
    customer.set_email(from.text("/email_address"));
    customer.set_name(full_name(from.text("/given_name"), from.text("/family_name")));
    customer.set_company(from.text("/company_name"));
    customer.set_phone(from.text("/phone_number"));
    customer.set_country(from.text("/address/country"));
    event.mutable_references()->set_external_id(from.text("/reference_id"));
    read_version(from, event);
}

// Of one that takes money from the bank the amount is less than nothing; it is not told.
void read_payout(const EventReading& reading) {
    const Place payout = object_of(reading, "payout");
    v1::PaymentEvent& event = reading.event;
    set_subject(event, v1::SUBJECT_KIND_PAYOUT, payout.text("/id"));
    event.mutable_references()->set_payout_id(payout.text("/id"));
    if (payout.text("/amount_money/amount").starts_with('-')) {
        event.set_fact(v1::FACT_UNSPECIFIED);
        return;
    }
    put(amount(payout, "/amount_money"), event, &v1::PaymentEvent::mutable_amount);
    read_version(payout, event);
}

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    return read_event(events, raw);
}

}  // namespace tollgate::providers::square
