#include <algorithm>
#include <array>

#include "providers/event_table.hpp"
#include "providers/fill.hpp"
#include "providers/mollie/mollie.hpp"

namespace tollgate::providers::mollie {

namespace {

std::optional<Money> amount(const Place& of, std::string_view below) {
    return of.at(below).decimal("/value", "/currency");
}

// ".../v2/payment-links/pl_4Y0eZitmBnQ6IDoMqZQKh"
std::string last_of(const std::string& url) {
    return url.substr(url.rfind('/') + 1);
}

constexpr auto failure_codes = std::to_array<CodeWords>({
    {"authentication_abandoned", "the payer did not confirm the payment"},
    {"authentication_failed", "the payer did not confirm the payment"},
    {"authentication_required", "the bank asks the payer to confirm the payment"},
    {"authentication_unavailable_acs", "the bank could not be reached"},
    {"card_declined", "the card was declined"},
    {"card_expired", "the card has expired"},
    {"inactive_card", "the card is not active"},
    {"insufficient_funds", "insufficient funds"},
    {"invalid_card_holder_name", "the name is not the card holder's"},
    {"invalid_card_number", "the card's number is wrong"},
    {"invalid_card_type", "the card does not allow this kind of payment"},
    {"invalid_cvv", "the security code is wrong"},
    {"possible_fraud", "the bank declined it without a reason"},
    {"refused_by_issuer", "the bank declined it without a reason"},
    {"unknown_reason", "the bank declined it without a reason"},
});
static_assert(std::ranges::is_sorted(failure_codes, {}, &CodeWords::code));

void read_failure(const Place& details, v1::PaymentEvent& event) {
    const std::string code = details.first_text({"/failureReason", "/bankReasonCode"});
    const std::string_view words = words_for(failure_codes, code);
    event.set_failure_code(code);
    event.set_failure_reason(words.empty() ? details.first_text({"/failureMessage", "/bankReason"})
                                           : std::string{words});
}

void read_payer(const Place& payment, v1::PaymentEvent& event) {
    const Place details = payment.at("/details");
    const Place billing = payment.at("/billingAddress");
    auto& customer = *event.mutable_customer();
    customer.set_id(payment.text("/customerId"));
    customer.set_email(billing.text("/email"));
    customer.set_name(full_name(billing.text("/givenName"), billing.text("/familyName")));
    if (customer.name().empty()) customer.set_name(details.first_text({"/cardHolder", "/consumerName"}));
    customer.set_company(billing.text("/organizationName"));
    customer.set_country(payment.text("/countryCode"));
    customer.set_locale(payment.text("/locale"));
    set_card(event, details.text("/cardLabel"), details.text("/cardNumber"), 0, 0);
}

// Of what was reserved not all need be taken.
void read_payment(const EventReading& reading) {
    const Place& payment = reading.body;
    v1::PaymentEvent& event = reading.event;
    const std::string id = payment.text("/id");
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id, payment.text("/description"));
    auto& references = *event.mutable_references();
    references.set_payment_id(id);
    references.set_order_id(payment.text("/orderId"));
    references.set_subscription_id(payment.text("/subscriptionId"));
    references.set_checkout_id(last_of(payment.text("/_links/paymentLink/href")));
    event.set_billing_reason(payment.text("/sequenceType"));
    const bool paid = event.fact() == v1::FACT_PAYMENT_SUCCEEDED && payment.has("/amountCaptured");
    put(amount(payment, paid ? "/amountCaptured" : "/amount"), event, &v1::PaymentEvent::mutable_amount);
    if (event.fact() == v1::FACT_PAYMENT_SUCCEEDED && event.amount().minor() == 0)
        tell(event, v1::CATEGORY_OTHER, v1::FACT_CHECKOUT_COMPLETED);
    if (event.fact() == v1::FACT_PAYMENT_FAILED) read_failure(payment.at("/details"), event);
    read_payer(payment, event);
    add_link(event, v1::LINK_KIND_SUBJECT, payment.text("/_links/dashboard/href"));
    payment.attributes("/metadata", event);
}

void read_refund(const EventReading& reading) {
    const Place& refund = reading.body;
    v1::PaymentEvent& event = reading.event;
    const std::string id = refund.text("/id");
    set_subject(event, v1::SUBJECT_KIND_REFUND, id, refund.text("/description"));
    event.mutable_references()->set_refund_id(id);
    event.mutable_references()->set_payment_id(refund.text("/paymentId"));
    put(amount(refund, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    refund.attributes("/metadata", event);
}

void read_chargeback(const EventReading& reading) {
    const Place& chargeback = reading.body;
    v1::PaymentEvent& event = reading.event;
    const std::string id = chargeback.text("/id");
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id, chargeback.text("/reason/description"));
    event.mutable_references()->set_dispute_id(id);
    event.mutable_references()->set_payment_id(chargeback.text("/paymentId"));
    event.set_dispute_reason(chargeback.text("/reason/code"));
    put(amount(chargeback, "/amount"), event, &v1::PaymentEvent::mutable_amount);
}

// An order's payments may tell of themselves too.
void read_order(const EventReading& reading) {
    const Place& order = reading.body;
    v1::PaymentEvent& event = reading.event;
    const std::string id = order.text("/id");
    set_subject(event, v1::SUBJECT_KIND_ORDER, id, order.text("/orderNumber"));
    event.mutable_references()->set_order_id(id);
    event.mutable_references()->set_external_id(order.text("/orderNumber"));
    const bool paid = event.category() == v1::CATEGORY_MONEY_IN && order.has("/amountCaptured");
    put(amount(order, paid ? "/amountCaptured" : "/amount"), event, &v1::PaymentEvent::mutable_amount);
    read_payer(order, event);
    order.attributes("/metadata", event);
}

// Told by an event that is signed, or fetched.
void read_payment_link(const EventReading& reading) {
    const bool is_event = reading.body.text("/resource") == "event";
    const Place link = is_event ? reading.body.at("/_embedded/entity") : reading.body;
    v1::PaymentEvent& event = reading.event;
    const std::string id = is_event ? reading.body.text("/entityId") : link.text("/id");
    set_subject(event, v1::SUBJECT_KIND_CHECKOUT, id, link.text("/description"));
    event.mutable_references()->set_checkout_id(id);
    put(amount(link, "/amount"), event, &v1::PaymentEvent::mutable_amount);
}

constexpr auto events = std::to_array<EventRow>({
    {"chargeback.received", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_chargeback},
    {"chargeback.reversed", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_chargeback},
    {"order.authorized", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED, read_order},
    {"order.canceled", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_order},
    {"order.completed", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_order},
    {"order.expired", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_order},
    {"order.paid", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_order},
    {"payment-link.paid", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_payment_link},
    {"payment.authorized", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED, read_payment},
    {"payment.canceled", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_payment},
    {"payment.expired", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_payment},
    {"payment.failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_payment},
    {"payment.open", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_payment},
    {"payment.paid", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_payment},
    {"payment.pending", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_payment},
    {"refund.failed", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"refund.pending", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"refund.processing", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"refund.queued", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"refund.refunded", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

}  // namespace

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    return read_event(events, raw);
}

}  // namespace tollgate::providers::mollie
