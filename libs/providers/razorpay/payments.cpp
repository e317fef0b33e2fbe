#include <string>
#include <utility>

#include "providers/fill.hpp"
#include "providers/razorpay/error_reasons.hpp"
#include "providers/razorpay/event_reading.hpp"

namespace tollgate::providers::razorpay {

namespace {

std::optional<Money> amount(const Place& entity, std::string_view below) {
    return entity.units(below, "/currency");
}

void read_payer(const Place& payment, v1::PaymentEvent& event) {
    auto& customer = *event.mutable_customer();
    customer.set_id(payment.text("/customer_id"));
    customer.set_email(payment.text("/email"));
    customer.set_phone(payment.text("/contact"));
    customer.set_name(payment.text("/card/name"));
}

void read_failure(const Place& payment, v1::PaymentEvent& event) {
    const std::string reason = payment.text("/error_reason");
    event.set_failure_code(reason.empty() ? payment.text("/error_code") : reason);
    const std::string_view words = words_for(error_reasons(), reason);
    event.set_failure_reason(words.empty() ? payment.text("/error_description") : std::string{words});
}

// What a payment tells wherever it stands beside what the event is about.
void read_payment_aside(const Reading& reading) {
    const Place payment = reading.entity("payment");
    v1::PaymentEvent& event = reading.event;
    auto& references = *event.mutable_references();
    if (references.payment_id().empty()) references.set_payment_id(payment.text("/id"));
    references.set_order_id(payment.text("/order_id"));
    references.set_invoice_id(payment.text("/invoice_id"));
    put(amount(payment, "/amount_refunded"), event, &v1::PaymentEvent::mutable_amount_refunded);
    read_payer(payment, event);
    event.mutable_card()->set_brand(payment.text("/card/network"));
    event.mutable_card()->set_last_four(last_four_of(payment.text("/card/last4")));
    payment.attributes("/notes", event);
}

}  // namespace

// The payment's "tax" is that on the fee, and no part of what the payer is taxed.
void read_payment(const Reading& reading) {
    const Place payment = reading.entity("payment");
    v1::PaymentEvent& event = reading.event;
    const std::string id = payment.text("/id");
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id, payment.text("/description"));
    put(amount(payment, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    put(amount(payment, "/fee"), event, &v1::PaymentEvent::mutable_fee);
    if (event.fact() == v1::FACT_PAYMENT_FAILED) read_failure(payment, event);
    link_to(reading, v1::LINK_KIND_SUBJECT, "payments", id);
    read_payment_aside(reading);
}

// The payment that completes an order; payment.captured tells of the same one.
void read_paid_order(const Reading& reading) {
    const Place order = reading.entity("order");
    v1::PaymentEvent& event = reading.event;
    read_payment(reading);
    auto& references = *event.mutable_references();
    references.set_order_id(order.text("/id"));
    references.set_external_id(order.text("/receipt"));
    if (event.subject().id().empty()) set_subject(event, v1::SUBJECT_KIND_ORDER, order.text("/id"));
    if (!event.has_amount()) put(amount(order, "/amount_paid"), event, &v1::PaymentEvent::mutable_amount);
    event.set_attempt(order.count("/attempts"));
    order.attributes("/notes", event);
}

void read_refund(const Reading& reading) {
    const Place refund = reading.entity("refund");
    v1::PaymentEvent& event = reading.event;
    const std::string id = refund.text("/id");
    if (event.fact() == v1::FACT_UNSPECIFIED && refund.text("/status") == "processed") {
        event.set_fact(v1::FACT_REFUND_SUCCEEDED);
    }
    set_subject(event, v1::SUBJECT_KIND_REFUND, id);
    event.mutable_references()->set_refund_id(id);
    event.mutable_references()->set_payment_id(refund.text("/payment_id"));
    put(amount(refund, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    link_to(reading, v1::LINK_KIND_SUBJECT, "refunds", id);
    refund.attributes("/notes", event);
    read_payment_aside(reading);
}

// One that is closed was settled without a verdict: the money stays, unless some was taken.
void read_dispute(const Reading& reading) {
    const Place dispute = reading.entity("dispute");
    v1::PaymentEvent& event = reading.event;
    const std::string id = dispute.text("/id");
    const auto deducted = amount(dispute, "/amount_deducted");
    if (reading.type == "payment.dispute.closed" && deducted && deducted->minor > 0) {
        event.set_fact(v1::FACT_DISPUTE_LOST);
    }
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id, dispute.text("/reason_description"));
    event.mutable_references()->set_dispute_id(id);
    event.mutable_references()->set_payment_id(dispute.text("/payment_id"));
    put(amount(dispute, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    event.set_dispute_reason(dispute.text("/reason_code"));
    put(dispute.time("/respond_by"), event, &v1::PaymentEvent::mutable_evidence_due);
    link_to(reading, v1::LINK_KIND_SUBJECT, "disputes", id);
    read_payment_aside(reading);
}

void read_invoice(const Reading& reading) {
    const Place invoice = reading.entity("invoice");
    v1::PaymentEvent& event = reading.event;
    const std::string id = invoice.text("/id");
    const std::string number = invoice.first_text({"/invoice_number", "/receipt"});
    read_payment_aside(reading);
    set_subject(event, v1::SUBJECT_KIND_INVOICE, id, number.empty() ? "" : fmt::format("Invoice {}", number));
    auto& references = *event.mutable_references();
    references.set_invoice_id(id);
    references.set_invoice_number(number);
    references.set_subscription_id(invoice.text("/subscription_id"));
    if (auto order = invoice.text("/order_id"); !order.empty()) references.set_order_id(std::move(order));
    if (auto payment = invoice.text("/payment_id"); !payment.empty()) {
        references.set_payment_id(std::move(payment));
    }
    const bool paid = event.fact() == v1::FACT_INVOICE_PAID && invoice.has("/amount_paid");
    put(amount(invoice, paid ? "/amount_paid" : "/amount"), event, &v1::PaymentEvent::mutable_amount);
    put(amount(invoice, "/tax_amount"), event, &v1::PaymentEvent::mutable_tax);
    auto& customer = *event.mutable_customer();
    if (auto of = invoice.text("/customer_id"); !of.empty()) customer.set_id(std::move(of));
    if (auto name = invoice.text("/customer_details/name"); !name.empty()) customer.set_name(std::move(name));
    if (auto email = invoice.text("/customer_details/email"); !email.empty()) {
        customer.set_email(std::move(email));
    }
    link_to(reading, v1::LINK_KIND_SUBJECT, "invoices", id);
    add_link(event, v1::LINK_KIND_INVOICE, invoice.text("/short_url"));
    invoice.attributes("/notes", event);
}

// A settlement names no currency, because it is made in the merchant's: Razorpay settles in rupees.
void read_settlement(const Reading& reading) {
    const Place settlement = reading.entity("settlement");
    v1::PaymentEvent& event = reading.event;
    const std::string id = settlement.text("/id");
    const auto of = [&](std::string_view below) -> std::optional<Money> {
        if (settlement.has("/currency")) return amount(settlement, below);
        return settlement.units(below, *Currency::parse("INR"));
    };
    set_subject(event, v1::SUBJECT_KIND_PAYOUT, id, settlement.text("/utr"));
    event.mutable_references()->set_payout_id(id);
    put(of("/amount"), event, &v1::PaymentEvent::mutable_amount);
    put(of("/fees"), event, &v1::PaymentEvent::mutable_fee);
    link_to(reading, v1::LINK_KIND_SUBJECT, "settlements", id);
}

// No amount: the subscription names its plan, and only the plan's own object has a price.
void read_subscription(const Reading& reading) {
    const Place subscription = reading.entity("subscription");
    v1::PaymentEvent& event = reading.event;
    const std::string id = subscription.text("/id");
    read_payment_aside(reading);
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, id);
    event.mutable_references()->set_subscription_id(id);
    if (auto customer = subscription.text("/customer_id"); !customer.empty()) {
        event.mutable_customer()->set_id(std::move(customer));
    }
    event.mutable_plan()->set_id(subscription.text("/plan_id"));
    event.set_quantity(subscription.count("/quantity"));
    event.set_status(subscription.text("/status"));
    event.set_attempt(subscription.count("/auth_attempts"));
    put(subscription.time("/current_start"), *event.mutable_period(), &v1::Period::mutable_start);
    put(subscription.time("/current_end"), *event.mutable_period(), &v1::Period::mutable_end);
    auto ends = subscription.time("/ended_at");
    if (!ends) ends = subscription.time("/end_at");
    put(ends, event, &v1::PaymentEvent::mutable_ends_at);
    link_to(reading, v1::LINK_KIND_SUBSCRIPTION, "subscriptions", id);
    add_link(event, v1::LINK_KIND_UPDATE_CARD, subscription.text("/short_url"));
    subscription.attributes("/notes", event);
}

// About the payment, as payment.captured is: each period has one of its own.
void read_subscription_charge(const Reading& reading) {
    v1::PaymentEvent& event = reading.event;
    read_subscription(reading);
    if (reading.entity("subscription").count("/paid_count") == 1) event.set_fact(v1::FACT_PAYMENT_SUCCEEDED);
    const Place payment = reading.entity("payment");
    const std::string id = payment.text("/id");
    if (id.empty()) return;
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id, payment.text("/description"));
    put(amount(payment, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    put(amount(payment, "/fee"), event, &v1::PaymentEvent::mutable_fee);
    link_to(reading, v1::LINK_KIND_SUBJECT, "payments", id);
}

}  // namespace tollgate::providers::razorpay
