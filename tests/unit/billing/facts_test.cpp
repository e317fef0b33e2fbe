#include <catch2/catch.hpp>

#include "billing/payment_fact.hpp"
#include "billing/subscription_fact.hpp"

using namespace tollgate;
using billing::FactKind;
using billing::invoice_fact;
using billing::payment_fact;
using billing::subscription_fact;
using events::PaymentEvent;

namespace {

const Uuid id = make_uuid_v7();
const Timestamp received{std::chrono::seconds{1'790'000'123}};

PaymentEvent event(v1::Fact fact) {
    PaymentEvent made;
    made.set_fact(fact);
    made.mutable_subject()->set_id("subject_1");
    return made;
}

}  // namespace

TEST_CASE("a payment has all of the names that its event knows it by") {
    PaymentEvent charge = event(v1::FACT_PAYMENT_SUCCEEDED);
    charge.mutable_references()->set_payment_id("pi_1");
    charge.mutable_references()->set_charge_id("ch_1");
    charge.mutable_references()->set_invoice_id("in_1");
    charge.mutable_amount()->set_minor(1200);
    charge.mutable_amount()->set_currency("USD");
    charge.mutable_fee()->set_minor(65);
    charge.mutable_fee()->set_currency("USD");
    const auto fact = payment_fact(charge, id, received).value();
    CHECK(fact.kind == FactKind::captured);
    CHECK(fact.names == std::vector<std::string>{"invoice/in_1", "payment/pi_1", "charge/ch_1"});
    CHECK(fact.payment_id == "pi_1");
    CHECK(fact.charge_id == "ch_1");
    CHECK(fact.fee == 65);
    CHECK(fact.at == received);
    charge.mutable_fee()->set_currency("EUR");
    CHECK_FALSE(payment_fact(charge, id, received)->fee);
}

TEST_CASE("an event that names no payment is about its subject, and a refund is not") {
    CHECK(payment_fact(event(v1::FACT_PAYMENT_SUCCEEDED), id, received)->names ==
          std::vector<std::string>{"payment/subject_1"});
    CHECK_FALSE(payment_fact(event(v1::FACT_REFUND_SUCCEEDED), id, received));
    PaymentEvent refund = event(v1::FACT_REFUND_SUCCEEDED);
    refund.mutable_references()->set_charge_id("ch_1");
    CHECK(payment_fact(refund, id, received)->object == "subject_1");
    CHECK(payment_fact(event(v1::FACT_PAYOUT_PAID), id, received)->names ==
          std::vector<std::string>{"payout/subject_1"});
    CHECK_FALSE(payment_fact(event(v1::FACT_CUSTOMER_CREATED), id, received));
    // A renewal is about its subscription, unless it names its payment.
    PaymentEvent renewed = event(v1::FACT_SUBSCRIPTION_RENEWED);
    renewed.set_category(v1::CATEGORY_MONEY_IN);
    CHECK_FALSE(payment_fact(renewed, id, received));
    CHECK_FALSE(payment_fact(event(v1::FACT_SUBSCRIPTION_RENEWAL_FAILED), id, received));
    renewed.mutable_references()->set_payment_id("pay_1");
    CHECK(payment_fact(renewed, id, received)->kind == FactKind::settled);
    CHECK(payment_fact(renewed, id, received)->is_of_payment_itself());
    renewed.set_category(v1::CATEGORY_SUBSCRIPTION);
    CHECK_FALSE(payment_fact(renewed, id, received));
    renewed.set_fact(v1::FACT_SUBSCRIPTION_RENEWAL_FAILED);
    CHECK(payment_fact(renewed, id, received)->kind == FactKind::failed);
    // The invoice alone knows it.
    PaymentEvent invoice = event(v1::FACT_INVOICE_PAID);
    invoice.mutable_references()->set_invoice_id("in_1");
    CHECK_FALSE(payment_fact(invoice, id, received)->is_of_payment_itself());
}

TEST_CASE("how a subscription stands is told in our words") {
    PaymentEvent updated = event(v1::FACT_SUBSCRIPTION_UPDATED);
    updated.mutable_subject()->set_kind(v1::SUBJECT_KIND_SUBSCRIPTION);
    updated.set_status("halted");
    updated.mutable_mrr()->set_minor(2900);
    updated.mutable_mrr()->set_currency("EUR");
    const auto fact = subscription_fact(updated, id, received).value();
    CHECK(fact.subscription == "subject_1");
    CHECK(fact.status == "unpaid");
    CHECK(fact.mrr == archive::Amount{.minor = 2900, .currency = "EUR"});
    for (const auto& [word, ours] : {std::pair{"in_trial", "trialing"}, std::pair{"non-renewing", "active"},
                                     std::pair{"APPROVAL_PENDING", "incomplete"},
                                     std::pair{"SUSPENDED", "paused"}, std::pair{"DEACTIVATED", "unpaid"},
                                     std::pair{"pending", "past_due"}, std::pair{"PENDING", "incomplete"}}) {
        updated.set_status(word);
        CHECK(subscription_fact(updated, id, received)->status == ours);
    }
    updated.set_status("whatever it is");
    CHECK(subscription_fact(updated, id, received)->status.empty());
    updated.set_fact(v1::FACT_SUBSCRIPTION_RENEWED);
    CHECK(subscription_fact(updated, id, received)->status == "active");
    // An end is one whatever the word is.
    updated.set_fact(v1::FACT_SUBSCRIPTION_ENDED);
    updated.set_status("active");
    CHECK(subscription_fact(updated, id, received)->status == "cancelled");
    CHECK(subscription_fact(updated, id, received)->rank > fact.rank);
    updated.mutable_subject()->set_kind(v1::SUBJECT_KIND_CUSTOMER);
    CHECK_FALSE(subscription_fact(updated, id, received));
    CHECK_FALSE(subscription_fact(event(v1::FACT_PAYMENT_SUCCEEDED), id, received));
}

TEST_CASE("an invoice is open, failed, paid, given up or void") {
    PaymentEvent paid = event(v1::FACT_INVOICE_PAID);
    paid.mutable_references()->set_invoice_id("in_1");
    paid.mutable_references()->set_invoice_number("2026-0042");
    CHECK(invoice_fact(paid, id, received)->status == "paid");
    CHECK(invoice_fact(paid, id, received)->number == "2026-0042");
    paid.set_fact(v1::FACT_INVOICE_PAYMENT_FAILED);
    CHECK(invoice_fact(paid, id, received)->status == "failed");
    CHECK_FALSE(invoice_fact(event(v1::FACT_INVOICE_PAID), id, received));
}
