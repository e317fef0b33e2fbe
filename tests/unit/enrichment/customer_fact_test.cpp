#include "enrichment/customer_fact.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using enrichment::CustomerFact;
using enrichment::fact_of;
using enrichment::FactKind;
using events::PaymentEvent;

namespace {

PaymentEvent event(v1::Fact fact, const std::string& payment = "pi_1", const std::string& charge = "") {
    PaymentEvent made;
    made.set_fact(fact);
    made.mutable_customer()->set_id("cus_1");
    made.mutable_subject()->set_id("subject_1");
    made.mutable_references()->set_payment_id(payment);
    made.mutable_references()->set_charge_id(charge);
    made.mutable_amount()->set_minor(1188);
    made.mutable_amount()->set_currency("JPY");
    return made;
}

CustomerFact fact(const PaymentEvent& event) {
    return fact_of(event).value();
}

}  // namespace

TEST_CASE("a charge and its payment intent tell one payment") {
    const auto intent = fact(event(v1::FACT_PAYMENT_SUCCEEDED));
    const auto charge = fact(event(v1::FACT_PAYMENT_SUCCEEDED, "pi_1", "ch_1"));
    CHECK(intent.kind == FactKind::payment);
    CHECK(intent.object == "pi_1");
    CHECK(charge.object == intent.object);
    CHECK(intent.customer == "cus_1");
    CHECK(intent.amount == archive::Amount{.minor = 1188, .currency = "JPY"});
    // A shop names orders alone.
    PaymentEvent order = event(v1::FACT_PAYMENT_SUCCEEDED, "");
    order.mutable_references()->set_order_id("1042");
    CHECK(fact(order).object == "1042");
    CHECK(fact(order).order == "1042");
    CHECK(fact(event(v1::FACT_PAYMENT_SUCCEEDED, "")).object == "subject_1");
}

TEST_CASE("each attempt of a payment is a failure of its own, and its siblings are the same one") {
    const auto first = fact(event(v1::FACT_PAYMENT_FAILED, "pi_1", "ch_1"));
    const auto second = fact(event(v1::FACT_PAYMENT_FAILED, "pi_1", "ch_2"));
    CHECK(first.kind == FactKind::failure);
    CHECK(first.object != second.object);
    CHECK(first.payment == second.payment);
    PaymentEvent third = event(v1::FACT_PAYMENT_FAILED);
    third.set_attempt(3);
    CHECK(fact(third).object == "pi_1#3");
    CHECK(fact(event(v1::FACT_PAYMENT_FAILED)).object == "pi_1");
}

TEST_CASE("a refund and a dispute are of their payment also where they name no customer") {
    PaymentEvent refund = event(v1::FACT_REFUND_SUCCEEDED, "pi_1", "ch_1");
    refund.clear_customer();
    refund.mutable_references()->set_refund_id("re_1");
    CHECK(fact(refund).object == "re_1");
    CHECK(fact(refund).payment == "pi_1");
    CHECK_FALSE(fact(refund).refunded);
    refund.mutable_amount_refunded()->set_minor(2500);
    CHECK(fact(refund).refunded == 2500);
    refund.set_fact(v1::FACT_REFUND_FAILED);
    CHECK(fact(refund).kind == FactKind::failed_refund);
    CHECK(fact(refund).object == "re_1");
    for (const auto each : {v1::FACT_DISPUTE_OPENED, v1::FACT_DISPUTE_UPDATED, v1::FACT_DISPUTE_LOST}) {
        PaymentEvent dispute = event(each);
        dispute.clear_customer();
        dispute.mutable_references()->set_dispute_id("du_1");
        CHECK(fact(dispute).kind == FactKind::dispute);
        CHECK(fact(dispute).object == "du_1");
    }
}

TEST_CASE("an invoice that was paid with money is a payment, and so is a checkout, but not one of nothing") {
    PaymentEvent paid = event(v1::FACT_INVOICE_PAID, "");
    paid.mutable_references()->set_invoice_id("in_1");
    CHECK(fact(paid).kind == FactKind::payment);
    CHECK(fact(paid).names == std::vector<std::string>{"invoice/in_1"});
    paid.mutable_amount()->set_minor(0);
    CHECK(fact(paid).kind == FactKind::other);
    PaymentEvent checkout = event(v1::FACT_CHECKOUT_COMPLETED);
    CHECK(fact(checkout).kind == FactKind::other);
    checkout.set_category(v1::CATEGORY_MONEY_IN);
    CHECK(fact(checkout).kind == FactKind::payment);
    PaymentEvent failed = event(v1::FACT_INVOICE_PAYMENT_FAILED, "");
    failed.mutable_references()->set_invoice_id("in_1");
    failed.set_attempt(2);
    CHECK(fact(failed).kind == FactKind::failure);
    CHECK(fact(failed).object == "subject_1#2");
    PaymentEvent renewed = event(v1::FACT_SUBSCRIPTION_RENEWED);
    renewed.mutable_references()->clear_payment_id();
    CHECK(fact(renewed).kind == FactKind::other);
    renewed.mutable_references()->set_payment_id("pi_1");
    CHECK(fact(renewed).kind == FactKind::other);
    renewed.set_category(v1::CATEGORY_MONEY_IN);
    CHECK(fact(renewed).kind == FactKind::payment);
    CHECK(fact(renewed).object == "pi_1");
    renewed.set_fact(v1::FACT_SUBSCRIPTION_RENEWAL_FAILED);
    CHECK(fact(renewed).kind == FactKind::failure);
}

TEST_CASE("what names two things of one payment is kept for that, and tells nothing else") {
    PaymentEvent link = event(v1::FACT_UNSPECIFIED);
    link.clear_customer();
    link.mutable_references()->set_invoice_id("in_1");
    CHECK(fact(link).kind == FactKind::link);
    CHECK(fact(link).names == std::vector<std::string>{"payment/pi_1", "invoice/in_1"});
    CHECK(fact(link).payment == "pi_1");
    CHECK(enrichment::fact_kind(name(FactKind::link)) == FactKind::link);
}

TEST_CASE("a refund without an id of its own counts only by what the payment says in all") {
    PaymentEvent refund = event(v1::FACT_REFUND_SUCCEEDED, "pi_1", "ch_1");
    refund.mutable_amount_refunded()->set_minor(2500);
    CHECK_FALSE(fact(refund).amount);
    refund.mutable_references()->set_refund_id("re_1");
    CHECK(fact(refund).amount);
}

TEST_CASE("what is of nobody is nothing") {
    PaymentEvent order = event(v1::FACT_UNSPECIFIED, "");
    order.mutable_references()->set_order_id("1042");
    CHECK(fact(order).kind == FactKind::order);
    order.clear_customer();
    CHECK_FALSE(fact_of(order));
    PaymentEvent payout = event(v1::FACT_PAYOUT_PAID, "");
    payout.clear_customer();
    CHECK_FALSE(fact_of(payout));
}

TEST_CASE("an id that no index takes is known by its digest, and zero bytes are left out") {
    PaymentEvent odd = event(v1::FACT_PAYMENT_SUCCEEDED, std::string(5000, 'x'));
    odd.mutable_customer()->set_id(std::string("cus\0_1", 6));
    CHECK(fact(odd).object.starts_with("sha256:"));
    CHECK(fact(odd).object.size() == 71);
    CHECK(fact(odd).object == fact(odd).payment);
    CHECK(fact(odd).object != fact(event(v1::FACT_PAYMENT_SUCCEEDED, std::string(5001, 'x'))).object);
    CHECK(fact(odd).customer == "cus_1");
}
