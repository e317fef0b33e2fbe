#include <algorithm>
#include <array>

#include "providers/fill.hpp"
#include "providers/paypal/event_reading.hpp"
#include "providers/paypal/paypal.hpp"

namespace tollgate::providers::paypal {

namespace {

// A sale is what a capture was called before; subscriptions are still paid by sales. What PayPal itself has
// reversed it tells of as a dispute too, which is what is booked.
constexpr auto events = std::to_array<EventRow>({
    {"BILLING.SUBSCRIPTION.ACTIVATED", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ACTIVATED,
     read_subscription},
    {"BILLING.SUBSCRIPTION.CANCELLED", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED,
     read_subscription},
    {"BILLING.SUBSCRIPTION.CREATED", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED,
     read_subscription},
    {"BILLING.SUBSCRIPTION.EXPIRED", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED,
     read_subscription},
    {"BILLING.SUBSCRIPTION.PAYMENT.FAILED", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_RENEWAL_FAILED,
     read_subscription},
    {"BILLING.SUBSCRIPTION.RE-ACTIVATED", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_REACTIVATED,
     read_subscription},
    {"BILLING.SUBSCRIPTION.SUSPENDED", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED,
     read_subscription},
    {"BILLING.SUBSCRIPTION.UPDATED", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED,
     read_subscription},
    {"CHECKOUT.ORDER.APPROVED", v1::CATEGORY_OTHER, v1::FACT_CHECKOUT_COMPLETED, read_order},
    {"CHECKOUT.ORDER.COMPLETED", v1::CATEGORY_MONEY_IN, v1::FACT_CHECKOUT_COMPLETED, read_order},
    {"CUSTOMER.DISPUTE.CREATED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"CUSTOMER.DISPUTE.RESOLVED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_dispute},
    {"CUSTOMER.DISPUTE.UPDATED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"PAYMENT.AUTHORIZATION.CREATED", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED, read_payment},
    {"PAYMENT.AUTHORIZATION.VOIDED", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_payment},
    {"PAYMENT.CAPTURE.COMPLETED", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_payment},
    {"PAYMENT.CAPTURE.DECLINED", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_payment},
    {"PAYMENT.CAPTURE.DENIED", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_payment},
    {"PAYMENT.CAPTURE.PENDING", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_payment},
    {"PAYMENT.CAPTURE.REFUNDED", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
    {"PAYMENT.CAPTURE.REVERSED", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_reversal},
    {"PAYMENT.SALE.COMPLETED", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_payment},
    {"PAYMENT.SALE.DENIED", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_payment},
    {"PAYMENT.SALE.PENDING", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_payment},
    {"PAYMENT.SALE.REFUNDED", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
    {"PAYMENT.SALE.REVERSED", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_reversal},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

constexpr std::size_t links_max = 20;

// A refund names what it is of by a link alone: ".../v2/payments/captures/42311647XV020574X".
std::string linked_id(const Place& resource, std::string_view relation) {
    for (std::size_t i = 0; i < links_max; ++i) {
        const Place link = resource.at("/links", i);
        if (!link.has("/rel")) return {};
        if (link.text("/rel") != relation) continue;
        const std::string url = link.text("/href");
        return url.substr(url.rfind('/') + 1);
    }
    return {};
}

void read_references(const Place& resource, v1::PaymentEvent& event) {
    auto& references = *event.mutable_references();
    references.set_order_id(resource.text("/supplementary_data/related_ids/order_id"));
    references.set_subscription_id(resource.text("/billing_agreement_id"));
    references.set_invoice_number(resource.first_text({"/invoice_id", "/invoice_number"}));
    references.set_external_id(resource.first_text({"/custom_id", "/custom", "/invoice_id"}));
}

}  // namespace

std::optional<Money> amount(const Place& resource, std::string_view below) {
    const Place of = resource.at(below);
    const std::string_view currency = of.has("/currency_code") ? "/currency_code" : "/currency";
    return of.decimal(of.has("/value") ? "/value" : "/total", currency);
}

void read_payment(const EventReading& reading) {
    const Place resource = reading.body.at("/resource");
    v1::PaymentEvent& event = reading.event;
    const std::string id = resource.text("/id");
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id);
    read_references(resource, event);
    // What is reserved is another object than what is then taken of it; both are of one order.
    event.mutable_references()->set_payment_id(id);
    put(amount(resource, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    auto fee = amount(resource, "/seller_receivable_breakdown/paypal_fee");
    if (!fee) fee = amount(resource, "/transaction_fee");
    put(fee, event, &v1::PaymentEvent::mutable_fee);
    if (event.fact() == v1::FACT_PAYMENT_FAILED) {
        event.set_failure_code(resource.first_text(
            {"/processor_response/response_code", "/status_details/reason", "/reason_code"}));
        event.set_failure_reason(reading.body.text("/summary"));
    }
    event.mutable_customer()->set_email(resource.text("/payer/email_address"));
    event.mutable_customer()->set_id(resource.text("/payer/payer_id"));
}

// Sales are refunded by less than nothing: "-0.01".
void read_refund(const EventReading& reading) {
    const Place resource = reading.body.at("/resource");
    v1::PaymentEvent& event = reading.event;
    const std::string id = resource.text("/id");
    const std::string sale = resource.text("/sale_id");
    set_subject(event, v1::SUBJECT_KIND_REFUND, id, resource.text("/note_to_payer"));
    read_references(resource, event);
    event.mutable_references()->set_payment_id(sale.empty() ? linked_id(resource, "up") : sale);
    if (event.fact() == v1::FACT_REFUND_SUCCEEDED) event.mutable_references()->set_refund_id(id);
    const std::string total = resource.text("/amount/total");
    if (!total.starts_with('-')) {
        put(amount(resource, "/amount"), event, &v1::PaymentEvent::mutable_amount);
        return;
    }
    const auto currency = Currency::parse(resource.text("/amount/currency"));
    const auto money = currency ? decimal_amount(std::string_view{total}.substr(1), *currency)
                                : Result<Money>{std::unexpected{currency.error()}};
    if (money) {
        write(*money, *event.mutable_amount());
    } else {
        resource.wrong("/amount/total", money.error().detail);
    }
}

// Of a dispute's, the dispute tells; of a bank's chargeback, nothing else does.
void read_reversal(const EventReading& reading) {
    read_refund(reading);
    reading.event.set_settlement(v1::SETTLEMENT_TAKEN_BACK);
}

void read_order(const EventReading& reading) {
    const Place order = reading.body.at("/resource");
    const Place unit = order.at("/purchase_units/0");
    v1::PaymentEvent& event = reading.event;
    const std::string id = order.text("/id");
    set_subject(event, v1::SUBJECT_KIND_ORDER, id, unit.text("/description"));
    read_references(unit, event);
    event.mutable_references()->set_order_id(id);
    event.mutable_references()->set_payment_id(unit.text("/payments/captures/0/id"));
    put(amount(unit, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    auto& customer = *event.mutable_customer();
    customer.set_id(order.text("/payer/payer_id"));
    customer.set_email(order.text("/payer/email_address"));
    customer.set_name(full_name(order.text("/payer/name/given_name"), order.text("/payer/name/surname")));
    customer.set_country(order.text("/payer/address/country_code"));
}

void read_dispute(const EventReading& reading) {
    const Place dispute = reading.body.at("/resource");
    const Place transaction = dispute.at("/disputed_transactions/0");
    v1::PaymentEvent& event = reading.event;
    const std::string id = dispute.text("/dispute_id");
    const std::string outcome = dispute.text("/dispute_outcome/outcome_code");
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id);
    auto& references = *event.mutable_references();
    references.set_dispute_id(id);
    references.set_payment_id(transaction.text("/seller_transaction_id"));
    references.set_invoice_number(transaction.text("/invoice_number"));
    references.set_external_id(transaction.first_text({"/custom", "/invoice_number"}));
    put(amount(dispute, "/dispute_amount"), event, &v1::PaymentEvent::mutable_amount);
    event.set_dispute_reason(dispute.text("/reason"));
    put(dispute.time("/seller_response_due_date"), event, &v1::PaymentEvent::mutable_evidence_due);
    event.mutable_customer()->set_name(transaction.text("/buyer/name"));
    event.set_status(outcome.empty() ? dispute.text("/status") : outcome);
    if (event.fact() != v1::FACT_DISPUTE_WON) return;
    // All other outcomes cost the seller nothing, PayPal's own payout to the buyer too.
    if (outcome == "RESOLVED_BUYER_FAVOUR" || outcome == "ACCEPTED") event.set_fact(v1::FACT_DISPUTE_LOST);
}

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    return read_event(events, raw);
}

}  // namespace tollgate::providers::paypal
