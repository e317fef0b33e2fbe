#include <algorithm>
#include <array>
#include <utility>

#include "providers/fill.hpp"
#include "providers/stripe/event_reading.hpp"

namespace tollgate::providers::stripe {

namespace {

constexpr std::size_t tax_lines_max = 100;
constexpr std::size_t payments_max = 10;  // as many as an event has of them

// States of one invoice within one second.
std::uint64_t version_of(std::string_view status) {
    if (status.empty()) return 0;
    if (status == "draft") return 1;
    return status == "open" ? 2 : 3;
}

std::string_view amount_place(const Place& invoice, v1::Fact fact) {
    if (fact == v1::FACT_INVOICE_PAID) return "/amount_paid";
    const bool unpaid = fact == v1::FACT_INVOICE_PAYMENT_FAILED || fact == v1::FACT_PAYMENT_ACTION_REQUIRED ||
                        fact == v1::FACT_INVOICE_UNCOLLECTIBLE;
    return unpaid && invoice.has("/amount_remaining") ? "/amount_remaining" : "/amount_due";
}

// One sum in the older API, a list in the newer. A credit's tax is negative, and is not told.
std::optional<Money> tax_of(const Place& invoice) {
    if (invoice.has("/tax")) {
        if (invoice.text("/tax").starts_with('-')) return std::nullopt;
        return amount(invoice, "/tax");
    }
    const std::string_view list = invoice.has("/total_taxes") ? "/total_taxes" : "/total_tax_amounts";
    std::optional<Money> all;
    for (std::size_t index = 0; index < tax_lines_max; ++index) {
        const std::string below = fmt::format("{}/{}/amount", list, index);
        if (!invoice.has(below)) return all;
        if (invoice.text(below).starts_with('-')) return std::nullopt;
        const auto part = amount(invoice, below);
        if (!part) return std::nullopt;
        const auto sum = all ? add(*all, *part) : Result<Money>{*part};
        if (!sum) {
            invoice.wrong(below, sum.error().detail);
            return std::nullopt;
        }
        all = *sum;
    }
    return std::nullopt;
}

// "1 × Pro (at $99.00 / month)" is about "Pro".
std::string plan_name(std::string_view line) {
    constexpr std::string_view times = " × ";
    const std::size_t begin = line.find(times);
    if (begin == std::string_view::npos) return {};
    line.remove_prefix(begin + times.size());
    return std::string{line.substr(0, line.rfind(" (at "))};
}

// What the invoice charges for: its first line that is no proration.
void read_line(const Place& invoice, v1::PaymentEvent& event) {
    constexpr std::size_t lines_seen = 10;  // as many as an event has of them
    for (std::size_t index = 0; index < lines_seen; ++index) {
        const Place line = invoice.at("/lines/data", index);
        if (!line.has("/id")) return;
        if (line.is_true("/proration") || line.is_true("/parent/subscription_item_details/proration"))
            continue;
        if (line.has("/price/id") || line.has("/plan/id")) {
            *event.mutable_plan() = plan_of(line.at(line.has("/price/id") ? "/price" : "/plan"));
        } else {
            event.mutable_plan()->set_id(line.id("/pricing/price_details/price"));
        }
        if (event.plan().name().empty()) event.mutable_plan()->set_name(plan_name(line.text("/description")));
        event.set_quantity(line.count("/quantity"));
        put(line.time("/period/start"), *event.mutable_period(), &v1::Period::mutable_start);
        put(line.time("/period/end"), *event.mutable_period(), &v1::Period::mutable_end);
        return;
    }
}

void read_references(const Place& invoice, const std::string& id, v1::References& references) {
    references.set_invoice_id(id);
    references.set_invoice_number(invoice.text("/number"));
    references.set_subscription_id(
        invoice.first_id({"/parent/subscription_details/subscription", "/subscription"}));
    references.set_payment_id(
        invoice.first_id({"/payments/data/0/payment/payment_intent", "/payment_intent"}));
    references.set_charge_id(invoice.first_id({"/payments/data/0/payment/charge", "/charge"}));
    if (!invoice.has("/payments/data/1")) return;
    // Several payments: the invoice's amount is of none of them alone.
    references.clear_payment_id();
    references.clear_charge_id();
    for (std::size_t index = 0; index < payments_max; ++index) {
        auto payment = invoice.at("/payments/data", index).id("/payment/payment_intent");
        if (!payment.empty()) references.add_other_payment_ids(std::move(payment));
    }
}

// Stripe does not say how often it tries: that it does not try again says that this was the last time. Of
// what the payer has to do by themselves, as a first payment in a checkout, none is the last.
bool gives_up(const Place& invoice, const v1::PaymentEvent& event) {
    return event.fact() == v1::FACT_INVOICE_PAYMENT_FAILED && !event.has_next_attempt() &&
           event.billing_reason() != "subscription_create" &&
           invoice.text("/collection_method") == "charge_automatically";
}

void read_payer(const Reading& reading) {
    const Place& invoice = reading.object;
    auto& customer = *reading.event.mutable_customer();
    read_customer_id(reading);
    read_person(invoice.at("/customer"), customer);
    if (auto name = invoice.text("/customer_name"); !name.empty()) customer.set_name(std::move(name));
    if (auto email = invoice.text("/customer_email"); !email.empty()) customer.set_email(std::move(email));
    if (auto phone = invoice.text("/customer_phone"); !phone.empty()) customer.set_phone(std::move(phone));
    if (auto country = invoice.text("/customer_address/country"); !country.empty())
        customer.set_country(std::move(country));
}

}  // namespace

void read_invoice(const Reading& reading) {
    const Place& invoice = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = invoice.text("/id");
    const std::string number = invoice.text("/number");
    set_subject(event, v1::SUBJECT_KIND_INVOICE, id, number.empty() ? "" : fmt::format("Invoice {}", number));
    event.set_provider_version(version_of(invoice.text("/status")));
    read_references(invoice, id, *event.mutable_references());
    put(amount(invoice, amount_place(invoice, event.fact())), event, &v1::PaymentEvent::mutable_amount);
    // An invoice of nothing, as one of a trial, is paid without a payment.
    if (event.category() == v1::CATEGORY_MONEY_IN && event.has_amount() && event.amount().minor() == 0)
        event.set_category(v1::CATEGORY_OTHER);
    if (event.fact() == v1::FACT_INVOICE_PAID && invoice.is_true("/paid_out_of_band"))
        event.set_settlement(v1::SETTLEMENT_ELSEWHERE);
    put(tax_of(invoice), event, &v1::PaymentEvent::mutable_tax);
    event.set_billing_reason(invoice.text("/billing_reason"));
    read_line(invoice, event);
    event.set_attempt(invoice.count("/attempt_count"));
    put(invoice.time("/next_payment_attempt"), event, &v1::PaymentEvent::mutable_next_attempt);
    if (gives_up(invoice, event)) event.set_attempts_max(event.attempt());
    if (event.category() == v1::CATEGORY_MONEY_AT_RISK) {
        read_payment_error(invoice.at("/last_finalization_error"), event);
        read_payment_error(invoice.at("/payment_intent/last_payment_error"), event);
        read_payment_error(invoice.at("/payments/data/0/payment/payment_intent/last_payment_error"), event);
    }
    link_to(reading, v1::LINK_KIND_SUBJECT, "invoices", id);
    link_to(reading, v1::LINK_KIND_SUBSCRIPTION, "subscriptions", event.references().subscription_id());
    add_link(event, v1::LINK_KIND_INVOICE, invoice.text("/hosted_invoice_url"));
    add_link(event, v1::LINK_KIND_RECEIPT, invoice.text("/charge/receipt_url"));
    read_payer(reading);
    read_card(invoice.at("/charge/payment_method_details/card"), event);
    read_card(invoice.at("/default_payment_method/card"), event);
    // The invoice's own come first: of one name the first counts.
    invoice.attributes("/metadata", event);
    invoice.attributes("/parent/subscription_details/metadata", event);
    invoice.attributes("/subscription_details/metadata", event);
}

// Which payment has paid an invoice, and how much of it: since API version "basil" neither the invoice nor
// its payment says so. The payment and the invoice tell of themselves by events of their own.
void read_invoice_payment(const Reading& reading) {
    const Place& part = reading.object;
    v1::PaymentEvent& event = reading.event;
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, part.text("/id"));
    auto& references = *event.mutable_references();
    references.set_invoice_id(part.id("/invoice"));
    references.set_payment_id(part.id("/payment/payment_intent"));
    references.set_charge_id(part.id("/payment/charge"));
    put(amount(part, "/amount_paid"), event, &v1::PaymentEvent::mutable_amount);
    const bool is_stripes = !references.payment_id().empty() || !references.charge_id().empty();
    // Else it is recorded only: cash, or a transfer.
    event.set_settlement(is_stripes ? v1::SETTLEMENT_PAID : v1::SETTLEMENT_ELSEWHERE);
    link_to(reading, v1::LINK_KIND_INVOICE, "invoices", references.invoice_id());
}

}  // namespace tollgate::providers::stripe
