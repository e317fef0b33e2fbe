#include "providers/fill.hpp"
#include "providers/square/event_reading.hpp"

namespace tollgate::providers::square {

// Paid in parts, each of which is a payment that tells of itself, until it is paid.
void read_invoice(const EventReading& reading) {
    const Place invoice = reading.body.at("/data/object/invoice");
    const Place request = invoice.at("/payment_requests/0");
    v1::PaymentEvent& event = reading.event;
    const std::string id = invoice.text("/id");
    const std::string number = invoice.text("/invoice_number");
    set_subject(event, v1::SUBJECT_KIND_INVOICE, id, number.empty() ? "" : fmt::format("Invoice {}", number));
    if (event.fact() == v1::FACT_INVOICE_PAID && invoice.text("/status") != "PAID")
        event.set_fact(v1::FACT_UNSPECIFIED);
    auto& references = *event.mutable_references();
    references.set_invoice_id(id);
    references.set_invoice_number(number);
    references.set_order_id(invoice.text("/order_id"));
    references.set_subscription_id(invoice.text("/subscription_id"));
    const bool paid = event.category() == v1::CATEGORY_MONEY_IN;
    put(amount(request, paid ? "/total_completed_amount_money" : "/computed_amount_money"), event,
        &v1::PaymentEvent::mutable_amount);
    const Place recipient = invoice.at("/primary_recipient");
    auto& customer = *event.mutable_customer();
    customer.set_id(recipient.text("/customer_id"));
    customer.set_email(recipient.text("/email_address"));
    customer.set_name(full_name(recipient.text("/given_name"), recipient.text("/family_name")));
    customer.set_company(recipient.text("/company_name"));
    event.set_provider_version(invoice.count("/version"));
    add_link(event, v1::LINK_KIND_INVOICE, invoice.text("/public_url"));
}

// A subscription names its plan, and only the plan's own object has a price.
void read_subscription(const EventReading& reading) {
    const Place subscription = reading.body.at("/data/object/subscription");
    v1::PaymentEvent& event = reading.event;
    const std::string id = subscription.text("/id");
    const std::string status = subscription.text("/status");
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, id);
    event.mutable_references()->set_subscription_id(id);
    event.mutable_customer()->set_id(subscription.text("/customer_id"));
    event.mutable_plan()->set_id(subscription.first_text({"/plan_variation_id", "/plan_id"}));
    put(amount(subscription, "/price_override_money"), *event.mutable_plan(), &v1::Plan::mutable_price);
    event.set_status(status);
    event.set_provider_version(subscription.count("/version"));
    put(subscription.day("/start_date"), *event.mutable_period(), &v1::Period::mutable_start);
    put(subscription.day("/charged_through_date"), *event.mutable_period(), &v1::Period::mutable_end);
    const auto cancelled = subscription.day("/canceled_date");
    put(cancelled, event, &v1::PaymentEvent::mutable_ends_at);
    if (status == "CANCELED") event.set_fact(v1::FACT_SUBSCRIPTION_ENDED);
    if (status == "PAUSED") event.set_fact(v1::FACT_SUBSCRIPTION_PAUSED);
    // Square gives up on one that cannot be charged.
    if (status == "DEACTIVATED") tell(event, v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE);
    if (status == "ACTIVE" && cancelled) event.set_fact(v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED);
}

}  // namespace tollgate::providers::square
