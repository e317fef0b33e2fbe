#include <algorithm>
#include <array>
#include <utility>

#include "providers/fill.hpp"
#include "providers/stripe/event_reading.hpp"

namespace tollgate::providers::stripe {

namespace {

void read_refs(const Place& object, v1::References& references) {
    references.set_payment_id(object.id("/payment_intent"));
    references.set_charge_id(object.id("/charge"));
}

// What Stripe keeps is told only where the balance transaction stands in the event itself.
void read_fee(const Place& transaction, v1::PaymentEvent& event) {
    put(amount(transaction, "/fee"), event, &v1::PaymentEvent::mutable_fee);
}

v1::Fact fact_of_refund(std::string_view status, v1::Fact said) {
    if (status == "succeeded") return v1::FACT_REFUND_SUCCEEDED;
    if (status == "failed" || status == "canceled") return v1::FACT_REFUND_FAILED;
    return status.empty() ? said : v1::FACT_UNSPECIFIED;  // pending, requires_action
}

v1::Fact fact_of_dispute(std::string_view status, v1::Fact said) {
    if (status == "won" || status == "warning_closed" || status == "prevented") return v1::FACT_DISPUTE_WON;
    return status == "lost" ? v1::FACT_DISPUTE_LOST : said;
}

// Which invoice it pays: since API version "basil" Stripe tells it where a shop would name its order.
std::string invoice_of(const Place& intent) {
    if (auto id = intent.id("/invoice"); !id.empty()) return id;
    std::string order = intent.text("/payment_details/order_reference");
    return order.starts_with("in_") && is_plain_id(order) ? order : std::string{};
}

// An inquiry: the bank asks, and nothing has been withdrawn.
bool is_only_asked(std::string_view status) {
    return status.starts_with("warning_");
}

std::string_view amount_place(const Place& intent, v1::Fact fact) {
    if (fact == v1::FACT_PAYMENT_SUCCEEDED && intent.has("/amount_received")) return "/amount_received";
    if (fact == v1::FACT_PAYMENT_AUTHORIZED && intent.has("/amount_capturable")) return "/amount_capturable";
    return "/amount";
}

// What a refund adds to those before it.
std::optional<Money> moved_by(const Reading& reading, const GivenBack& all) {
    Money moved = all.money;
    if (!reading.before.has("/amount_refunded")) return moved;
    const Currency& currency = moved.currency;
    const auto earlier =
        whole_units(reading.before.text("/amount_refunded"), currency, decimals_of(currency));
    if (!earlier || earlier->minor > all.money.minor + all.released.minor) {
        reading.before.wrong("/amount_refunded", "it is not less than what has been refunded by now");
        return std::nullopt;
    }
    moved.minor -= std::max<std::int64_t>(earlier->minor - all.released.minor, 0);
    return moved;
}

}  // namespace

void read_payment_intent(const Reading& reading) {
    const Place& intent = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = intent.text("/id");
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id, intent.text("/description"));
    auto& references = *event.mutable_references();
    references.set_payment_id(id);
    references.set_charge_id(
        intent.first_id({"/latest_charge", "/charges/data/0", "/last_payment_error/charge"}));
    references.set_invoice_id(invoice_of(intent));
    put(amount(intent, amount_place(intent, event.fact())), event, &v1::PaymentEvent::mutable_amount);
    link_to(reading, v1::LINK_KIND_SUBJECT, "payments", id);
    read_customer_id(reading);
    for (const std::string_view charge : {"/charges/data/0", "/latest_charge"}) {
        read_person(intent.at(charge).at("/billing_details"), *event.mutable_customer());
        read_card(intent.at(charge).at("/payment_method_details/card"), event);
        add_link(event, v1::LINK_KIND_RECEIPT, intent.at(charge).text("/receipt_url"));
    }
    if (event.customer().email().empty()) event.mutable_customer()->set_email(intent.text("/receipt_email"));
    read_card(intent.at("/payment_method/card"), event);
    // A payment that has succeeded may keep the error of an attempt before.
    if (event.fact() != v1::FACT_PAYMENT_SUCCEEDED)
        read_payment_error(intent.at("/last_payment_error"), event);
    event.set_cancel_reason(intent.text("/cancellation_reason"));
    read_released(reading);
    intent.attributes("/metadata", event);
}

void read_charge(const Reading& reading) {
    const Place& charge = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = charge.text("/id");
    // To be captured later or never.
    if (reading.type == "charge.succeeded" && is_only_reserved(charge)) {
        event.set_category(v1::CATEGORY_OTHER);
        event.set_fact(v1::FACT_PAYMENT_AUTHORIZED);
    }
    set_subject(event, v1::SUBJECT_KIND_CHARGE, id, charge.text("/description"));
    auto& references = *event.mutable_references();
    references.set_charge_id(id);
    references.set_payment_id(charge.id("/payment_intent"));
    references.set_invoice_id(charge.id("/invoice"));
    const bool captured = event.fact() == v1::FACT_PAYMENT_SUCCEEDED && charge.has("/amount_captured");
    put(amount(charge, captured ? "/amount_captured" : "/amount"), event, &v1::PaymentEvent::mutable_amount);
    if (const auto back = given_back(reading)) {
        write(back->money, *event.mutable_amount_refunded());
        if (back->released.minor > 0) write(back->released, *event.mutable_amount_released());
    }
    read_fee(charge.at("/balance_transaction"), event);
    link_to(reading, v1::LINK_KIND_SUBJECT, "payments",
            references.payment_id().empty() ? id : references.payment_id());
    add_link(event, v1::LINK_KIND_RECEIPT, charge.text("/receipt_url"));
    read_customer_id(reading);
    read_person(charge.at("/billing_details"), *event.mutable_customer());
    if (event.customer().email().empty()) event.mutable_customer()->set_email(charge.text("/receipt_email"));
    read_card(charge.at("/payment_method_details/card"), event);
    read_card(charge.at("/source"), event);
    if (event.fact() == v1::FACT_PAYMENT_FAILED) {
        read_failure(charge.text("/outcome/reason"), charge.text("/failure_code"),
                     charge.text("/failure_message"), event);
    }
    charge.attributes("/metadata", event);
}

void read_refunded_charge(const Reading& reading) {
    read_charge(reading);
    v1::PaymentEvent& event = reading.event;
    const auto all = given_back(reading);
    // What was never captured is let go, and nothing has been given back.
    if (is_only_reserved(reading.object)) {
        tell(event, v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED);
        return;
    }
    event.mutable_references()->set_refund_id(reading.object.id("/refunds/data/0"));
    event.clear_amount();
    if (!all) return;
    const auto moved = moved_by(reading, *all);
    if (!moved) return;
    if (moved->minor == 0 && all->released.minor > 0) tell(event, v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED);
    write(*moved, *event.mutable_amount());
}

void read_refund(const Reading& reading) {
    const Place& refund = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = refund.text("/id");
    event.set_fact(fact_of_refund(refund.text("/status"), event.fact()));
    // What was never captured has expired, and no money goes back.
    if (refund.text("/reason") == "expired_uncaptured_charge")
        tell(event, v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED);
    set_subject(event, v1::SUBJECT_KIND_REFUND, id, refund.first_text({"/description", "/reason"}));
    auto& references = *event.mutable_references();
    read_refs(refund, references);
    references.set_refund_id(id);
    put(amount(refund, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    link_to(reading, v1::LINK_KIND_SUBJECT, "payments",
            references.payment_id().empty() ? references.charge_id() : references.payment_id());
    event.mutable_customer()->set_email(refund.text("/instructions_email"));
    const std::string code = refund.text("/failure_reason");
    std::string words = code;
    std::ranges::replace(words, '_', ' ');
    read_failure("", code, std::move(words), event);
    refund.attributes("/metadata", event);
}

void read_dispute(const Reading& reading) {
    const Place& dispute = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = dispute.text("/id");
    // The money goes when the dispute is opened, and comes back when it is won: its moves tell the same once
    // more.
    if (reading.type == "charge.dispute.closed" || reading.type == "charge.dispute.funds_reinstated")
        event.set_fact(fact_of_dispute(dispute.text("/status"), event.fact()));
    if (event.fact() != v1::FACT_UNSPECIFIED) event.set_category(v1::CATEGORY_MONEY_OUT);
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id);
    auto& references = *event.mutable_references();
    read_refs(dispute, references);
    references.set_dispute_id(id);
    if (is_only_asked(dispute.text("/status"))) event.set_settlement(v1::SETTLEMENT_NOTHING);
    put(amount(dispute, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    read_fee(dispute.at("/balance_transactions/0"), event);
    event.set_dispute_reason(dispute.text("/reason"));
    put(dispute.time("/evidence_details/due_by"), event, &v1::PaymentEvent::mutable_evidence_due);
    link_to(reading, v1::LINK_KIND_SUBJECT, "disputes", id);
    event.mutable_customer()->set_id(dispute.id("/charge/customer"));
    event.mutable_customer()->set_email(dispute.text("/evidence/customer_email_address"));
    event.mutable_customer()->set_name(dispute.text("/evidence/customer_name"));
    read_card(dispute.at("/payment_method_details/card"), event);
    dispute.attributes("/metadata", event);
}

void read_payout(const Reading& reading) {
    const Place& payout = reading.object;
    v1::PaymentEvent& event = reading.event;
    // A negative payout is money that Stripe takes from the bank: none of our facts.
    if (payout.text("/amount").starts_with('-')) {
        event.Clear();
        return;
    }
    const std::string id = payout.text("/id");
    set_subject(event, v1::SUBJECT_KIND_PAYOUT, id,
                payout.first_text({"/description", "/statement_descriptor"}));
    event.mutable_references()->set_payout_id(id);
    put(amount(payout, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    read_fee(payout.at("/balance_transaction"), event);
    link_to(reading, v1::LINK_KIND_SUBJECT, "payouts", id);
    read_failure("", payout.text("/failure_code"), payout.text("/failure_message"), event);
    payout.attributes("/metadata", event);
}

}  // namespace tollgate::providers::stripe
