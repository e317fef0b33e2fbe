#include <utility>

#include "providers/fill.hpp"
#include "providers/stripe/event_reading.hpp"

namespace tollgate::providers::stripe {

void read_checkout(const Reading& reading) {
    const Place& session = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = session.text("/id");
    // Completed is not paid: a debit may still be on its way, and a trial costs nothing.
    if (event.fact() == v1::FACT_CHECKOUT_COMPLETED && session.text("/payment_status") == "paid")
        event.set_category(v1::CATEGORY_MONEY_IN);
    set_subject(event, v1::SUBJECT_KIND_CHECKOUT, id);
    auto& references = *event.mutable_references();
    references.set_checkout_id(id);
    references.set_payment_id(session.id("/payment_intent"));
    references.set_subscription_id(session.id("/subscription"));
    references.set_invoice_id(session.id("/invoice"));
    references.set_external_id(session.text("/client_reference_id"));
    put(amount(session, "/amount_total"), event, &v1::PaymentEvent::mutable_amount);
    put(amount(session, "/total_details/amount_tax"), event, &v1::PaymentEvent::mutable_tax);
    link_to(reading, v1::LINK_KIND_SUBJECT, "payments", references.payment_id());
    link_to(reading, v1::LINK_KIND_SUBSCRIPTION, "subscriptions", references.subscription_id());
    read_customer_id(reading);
    auto& customer = *event.mutable_customer();
    customer.set_email(session.text("/customer_email"));
    read_person(session.at("/customer"), customer);
    read_person(session.at("/customer_details"), customer);
    customer.set_company(session.text("/customer_details/business_name"));
    const std::string locale = session.text("/locale");
    if (locale != "auto") customer.set_locale(locale);
    session.attributes("/metadata", event);
}

void read_customer(const Reading& reading) {
    const Place& from = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = from.text("/id");
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, id, from.text("/description"));
    auto& customer = *event.mutable_customer();
    customer.set_id(id);
    read_person(from, customer);
    customer.set_company(from.text("/business_name"));
    customer.set_locale(from.text("/preferred_locales/0"));
    link_to(reading, v1::LINK_KIND_SUBJECT, "customers", id);
    from.attributes("/metadata", event);
}

void read_payment_method(const Reading& reading) {
    const Place& method = reading.object;
    v1::PaymentEvent& event = reading.event;
    // One that is detached says only what it was attached to.
    const std::string attached = method.id("/customer");
    const std::string id = attached.empty() ? reading.before.id("/customer") : attached;
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, id, fmt::format("Payment method {}", method.text("/id")));
    event.mutable_customer()->set_id(id);
    read_person(method.at("/billing_details"), *event.mutable_customer());
    link_to(reading, v1::LINK_KIND_SUBJECT, "customers", id);
    read_card(method.at("/card"), event);
    method.attributes("/metadata", event);
}

void read_card_source(const Reading& reading) {
    const Place& source = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = source.id("/customer");
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, id, fmt::format("Card {}", source.text("/id")));
    event.mutable_customer()->set_id(id);
    if (auto name = source.text("/name"); !name.empty()) event.mutable_customer()->set_name(std::move(name));
    read_person(source.at("/owner"), *event.mutable_customer());
    link_to(reading, v1::LINK_KIND_SUBJECT, "customers", id);
    read_card(source, event);
    read_card(source.at("/card"), event);
    source.attributes("/metadata", event);
}

}  // namespace tollgate::providers::stripe
