#include <utility>

#include "providers/fill.hpp"
#include "providers/shopify/event_reading.hpp"

namespace tollgate::providers::shopify {

namespace {

void read_address(const Place& address, v1::Customer& customer) {
    if (customer.name().empty()) customer.set_name(address.text("/name"));
    if (customer.company().empty()) customer.set_company(address.text("/company"));
    if (customer.country().empty()) customer.set_country(address.text("/country_code"));
    if (customer.phone().empty()) customer.set_phone(address.text("/phone"));
}

// Those in which all of the order's price was there once.
bool was_paid(std::string_view financial_status) {
    return financial_status == "paid" || financial_status == "partially_refunded" ||
           financial_status == "refunded";
}

// In the money that the payer paid in, as refunds and disputes are told. Older versions of the API, and
// subscriptions to some fields, tell the shop's alone; a payer may pay in money that is not of our table.
std::optional<Money> paid_in(const Place& order, std::string_view field) {
    const Place paid = order.at(fmt::format("{}_set/presentment_money", field));
    const bool is_known = paid.has("/amount") && Currency::parse(paid.text("/currency_code"));
    return is_known ? paid.decimal("/amount", "/currency_code") : order.decimal(field, "/currency");
}

}  // namespace

void read_payer(const Place& from, v1::Customer& customer) {
    if (customer.id().empty()) customer.set_id(from.text("/id"));
    if (customer.email().empty()) customer.set_email(from.text("/email"));
    if (customer.name().empty())
        customer.set_name(full_name(from.text("/first_name"), from.text("/last_name")));
    if (customer.phone().empty()) customer.set_phone(from.text("/phone"));
    read_address(from.at("/default_address"), customer);
}

void read_customer(const Reading& reading) {
    v1::PaymentEvent& event = reading.event;
    const std::string id = reading.body.text("/id");
    read_payer(reading.body, *event.mutable_customer());
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, id);
    link_to(reading, v1::LINK_KIND_SUBJECT, "customers", id);
}

void read_order(const Reading& reading) {
    const Place& order = reading.body;
    v1::PaymentEvent& event = reading.event;
    const std::string id = order.text("/id");
    if (event.fact() == v1::FACT_CHECKOUT_COMPLETED && order.text("/financial_status") == "paid") {
        event.set_category(v1::CATEGORY_MONEY_IN);
    }
    const std::string name = order.text("/name");
    set_subject(event, v1::SUBJECT_KIND_ORDER, id, name.empty() ? "" : fmt::format("Order {}", name));
    auto& references = *event.mutable_references();
    references.set_order_id(id);
    references.set_checkout_id(order.text("/checkout_id"));
    const auto price = paid_in(order, "/total_price");
    const auto tax = paid_in(order, "/total_tax");
    put(price, event, &v1::PaymentEvent::mutable_amount);
    // A tax in other money than the price is no part of it.
    if (price && tax && tax->currency == price->currency) put(tax, event, &v1::PaymentEvent::mutable_tax);
    link_to(reading, v1::LINK_KIND_SUBJECT, "orders", id);
    link_to(reading, v1::LINK_KIND_CUSTOMER, "customers", order.text("/customer/id"));
    add_link(event, v1::LINK_KIND_RECEIPT, order.text("/order_status_url"));
    auto& customer = *event.mutable_customer();
    customer.set_email(order.first_text({"/email", "/contact_email"}));
    customer.set_phone(order.text("/phone"));
    customer.set_locale(order.text("/customer_locale"));
    read_payer(order.at("/customer"), customer);
    read_address(order.at("/billing_address"), customer);
    event.mutable_card()->set_brand(order.text("/payment_details/credit_card_company"));
    event.mutable_card()->set_last_four(last_four_of(order.text("/payment_details/credit_card_number")));
    event.set_cancel_reason(order.text("/cancel_reason"));
    order.named_values("/note_attributes", event);
}

void read_paid_order(const Reading& reading) {
    v1::PaymentEvent& event = reading.event;
    const std::string status = reading.body.text("/financial_status");
    if (was_paid(status)) {
        event.set_category(v1::CATEGORY_MONEY_IN);
        event.set_fact(v1::FACT_PAYMENT_SUCCEEDED);
    } else if (status == "authorized") {
        event.set_fact(v1::FACT_PAYMENT_AUTHORIZED);
    } else if (status == "pending" || status == "partially_paid") {
        event.set_fact(v1::FACT_PAYMENT_PENDING);
    }
    read_order(reading);
}

// An order that was paid is cancelled by a refund, which has an event of its own.
void read_cancelled_order(const Reading& reading) {
    const std::string status = reading.body.text("/financial_status");
    const bool unpaid =
        status == "pending" || status == "authorized" || status == "voided" || status == "expired";
    if (unpaid && reading.body.has("/cancelled_at")) reading.event.set_fact(v1::FACT_PAYMENT_CANCELED);
    read_order(reading);
}

}  // namespace tollgate::providers::shopify
