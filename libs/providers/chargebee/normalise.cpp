#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "providers/chargebee/chargebee.hpp"
#include "providers/chargebee/event_reading.hpp"
#include "providers/fill.hpp"

namespace tollgate::providers::chargebee {

namespace {

constexpr auto events = std::to_array<EventRow>({
    {"authorization_succeeded", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED, read_transaction},
    {"authorization_voided", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_transaction},
    {"card_expired", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_CARD_EXPIRING, read_customer},
    {"card_expiry_reminder", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_CARD_EXPIRING, read_customer},
    {"customer_changed", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_customer},
    {"customer_created", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_CREATED, read_customer},
    {"customer_deleted", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_DELETED, read_customer},
    {"invoice_generated", v1::CATEGORY_OTHER, v1::FACT_INVOICE_CREATED, read_invoice},
    {"invoice_updated", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_invoice},
    {"payment_failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_transaction},
    {"payment_initiated", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_transaction},
    {"payment_refunded", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
    {"payment_succeeded", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_transaction},
    {"refund_initiated", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"subscription_activated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ACTIVATED, read_subscription},
    {"subscription_cancellation_scheduled", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED,
     read_subscription},
    {"subscription_cancelled", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED, read_subscription},
    {"subscription_changed", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED, read_subscription},
    {"subscription_created", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED, read_subscription},
    {"subscription_paused", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED, read_subscription},
    {"subscription_reactivated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_REACTIVATED,
     read_subscription},
    {"subscription_renewed", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_RENEWED, read_subscription},
    {"subscription_resumed", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_RESUMED, read_subscription},
    {"subscription_scheduled_cancellation_removed", v1::CATEGORY_SUBSCRIPTION,
     v1::FACT_SUBSCRIPTION_REACTIVATED, read_subscription},
    {"subscription_started", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ACTIVATED, read_subscription},
    {"subscription_trial_end_reminder", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_TRIAL_ENDING, read_subscription},
    {"transaction_created", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_transaction},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

constexpr std::size_t links_max = 100;

// One transaction may pay several invoices, and then is of none of them alone.
void link_invoices(const Place& transaction, v1::References& references) {
    if (!transaction.has("/linked_invoices/1")) {
        references.set_invoice_id(transaction.text("/linked_invoices/0/invoice_id"));
        return;
    }
    for (std::size_t index = 0; index < links_max; ++index) {
        auto id = transaction.at("/linked_invoices", index).text("/invoice_id");
        if (id.empty()) return;
        references.add_other_invoice_ids(std::move(id));
    }
}

// Likewise an invoice may be paid by several transactions. Those that failed have not paid it.
void link_payments(const Place& invoice, v1::References& references) {
    std::vector<std::string> paid_by;
    for (std::size_t index = 0; index < links_max; ++index) {
        const Place link = invoice.at("/linked_payments", index);
        auto id = link.text("/txn_id");
        if (id.empty()) break;
        if (link.text("/txn_status") == "success") paid_by.push_back(std::move(id));
    }
    if (paid_by.size() == 1) {
        references.set_payment_id(std::move(paid_by.front()));
        return;
    }
    for (std::string& id : paid_by) references.add_other_payment_ids(std::move(id));
}

// A payment that was taken back: by a payer who objects to it, or by a bank that had not got it.
void read_reversal(const Place& transaction, v1::PaymentEvent& event) {
    const std::string id = transaction.text("/id");
    tell(event, v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_LOST);
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id);
    event.mutable_references()->set_dispute_id(id);
    event.mutable_references()->set_payment_id(
        transaction.first_text({"/reference_transaction_id", "/linked_payments/0/id"}));
}

}  // namespace

std::optional<Money> amount(const Place& object, std::string_view below) {
    return object.units(below, "/currency_code");
}

void read_customer_at(const Place& customer, v1::PaymentEvent& event) {
    auto& to = *event.mutable_customer();
    if (auto id = customer.text("/id"); !id.empty()) to.set_id(std::move(id));
    to.set_email(customer.text("/email"));
    to.set_name(full_name(customer.text("/first_name"), customer.text("/last_name")));
    to.set_company(customer.text("/company"));
    to.set_phone(customer.text("/phone"));
    to.set_locale(customer.text("/locale"));
    to.set_country(customer.text("/billing_address/country"));
}

// Of every transaction an event tells that it was made, beside the one that tells what it is: but for what
// is reversed, of which there is no other.
void read_transaction(const EventReading& reading) {
    const Place content = reading.body.at("/content");
    const Place transaction = content.at("/transaction");
    v1::PaymentEvent& event = reading.event;
    const std::string id = transaction.text("/id");
    event.mutable_customer()->set_id(transaction.text("/customer_id"));
    read_customer_at(content.at("/customer"), event);
    set_card(event, content.text("/card/card_type"), transaction.text("/masked_card_number"),
             content.count("/card/expiry_month"), content.count("/card/expiry_year"));
    auto& references = *event.mutable_references();
    references.set_subscription_id(transaction.text("/subscription_id"));
    link_invoices(transaction, references);
    put(amount(transaction, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    event.set_provider_version(transaction.number("/resource_version"));
    if (transaction.text("/type") == "payment_reversal") {
        read_reversal(transaction, event);
        return;
    }
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id);
    references.set_payment_id(id);
    if (event.fact() == v1::FACT_PAYMENT_FAILED) {
        event.set_failure_code(transaction.text("/error_code"));
        event.set_failure_reason(transaction.text("/error_text"));
        const Place invoice = content.at("/invoice");
        put(invoice.time("/next_retry_at"), event, &v1::PaymentEvent::mutable_next_attempt);
    }
}

void read_refund(const EventReading& reading) {
    const Place content = reading.body.at("/content");
    const Place transaction = content.at("/transaction");
    v1::PaymentEvent& event = reading.event;
    const std::string id = transaction.text("/id");
    set_subject(event, v1::SUBJECT_KIND_REFUND, id, content.text("/credit_note/reason_code"));
    auto& references = *event.mutable_references();
    references.set_refund_id(id);
    references.set_payment_id(transaction.first_text({"/refunded_txn_id", "/linked_payments/0/id"}));
    references.set_subscription_id(transaction.text("/subscription_id"));
    // Where it does not say which payment, its invoice does.
    references.set_invoice_id(content.first_text({"/invoice/id", "/credit_note/reference_invoice_id"}));
    event.mutable_customer()->set_id(transaction.text("/customer_id"));
    read_customer_at(content.at("/customer"), event);
    put(amount(transaction, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    event.set_provider_version(transaction.number("/resource_version"));
}

// Its payments tell of themselves; one that is paid by credits brings no money.
void read_invoice(const EventReading& reading) {
    const Place content = reading.body.at("/content");
    const Place invoice = content.at("/invoice");
    v1::PaymentEvent& event = reading.event;
    const std::string id = invoice.text("/id");
    const std::string status = invoice.text("/status");
    set_subject(event, v1::SUBJECT_KIND_INVOICE, id, id.empty() ? "" : fmt::format("Invoice {}", id));
    auto& references = *event.mutable_references();
    references.set_invoice_id(id);
    references.set_invoice_number(id);
    references.set_subscription_id(invoice.text("/subscription_id"));
    link_payments(invoice, references);
    const auto paid = amount(invoice, "/amount_paid");
    const bool brings_money = status == "paid" && paid && paid->minor > 0;
    if (brings_money) {
        tell(event, v1::CATEGORY_MONEY_IN, v1::FACT_INVOICE_PAID);
    } else if (status == "paid") {
        event.set_fact(v1::FACT_UNSPECIFIED);
    } else if (status == "voided") {
        event.set_fact(v1::FACT_INVOICE_VOIDED);
    } else if (status == "not_paid") {
        tell(event, v1::CATEGORY_MONEY_AT_RISK, v1::FACT_INVOICE_UNCOLLECTIBLE);
    }
    put(brings_money ? paid : amount(invoice, "/total"), event, &v1::PaymentEvent::mutable_amount);
    put(amount(invoice, "/tax"), event, &v1::PaymentEvent::mutable_tax);
    event.mutable_customer()->set_id(invoice.text("/customer_id"));
    read_customer_at(content.at("/customer"), event);
    event.set_provider_version(invoice.number("/resource_version"));
}

void read_customer(const EventReading& reading) {
    const Place content = reading.body.at("/content");
    v1::PaymentEvent& event = reading.event;
    read_customer_at(content.at("/customer"), event);
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, event.customer().id());
    const Place card = content.at("/card");
    set_card(event, card.text("/card_type"), card.text("/last4"), card.count("/expiry_month"),
             card.count("/expiry_year"));
    event.set_provider_version(content.number("/customer/resource_version"));
}

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    return read_event(events, raw);
}

}  // namespace tollgate::providers::chargebee
