// What Stripe's events tell beyond the samples: older shapes of its API, money, states.
#include <catch2/catch.hpp>

#include "normalised.hpp"
#include "providers/catalogue.hpp"

using Catch::Contains;
using namespace tollgate;
using namespace tollgate::providers::testing;

namespace {

std::string why_not(std::string_view type, std::string_view object) {
    return refused("stripe", type, stripe_body(object));
}

}  // namespace

TEST_CASE("an invoice of Stripe's older API tells the same as one of the newer") {
    const auto event = stripe_event("invoice.payment_failed", R"({
        "id": "in_1", "currency": "eur", "amount_due": 1190, "amount_remaining": 1190, "tax": 190, "number": "A-1",
        "subscription": "sub_1", "charge": {"id": "ch_1", "receipt_url": "https://pay.stripe.example/r",
        "payment_method_details": {"card": {"brand": "visa", "last4": "4242", "exp_month": 3, "exp_year": 2027}}},
        "payment_intent": {"id": "pi_1", "last_payment_error": {"code": "card_declined",
        "decline_code": "insufficient_funds", "message": "Your card has insufficient funds."}},
        "customer": {"id": "cus_1", "name": "Ada", "email": "ada@example.com"}, "attempt_count": 2,
        "subscription_details": {"metadata": {"team": "7", "seat": "a"}}, "metadata": {"team": "8"},
        "lines": {"data": [
          {"id": "il_0", "proration": true, "price": {"id": "price_0"}},
          {"id": "il_1", "quantity": 3, "period": {"start": 100, "end": 200}, "price": {"id": "price_1",
           "currency": "eur", "nickname": "Pro", "unit_amount": 333, "recurring": {"interval": "year"}}}]}})");
    CHECK(event.references().subscription_id() == "sub_1");
    CHECK(event.references().payment_id() == "pi_1");
    CHECK(event.references().charge_id() == "ch_1");
    CHECK(words(event.amount()) == "1190 EUR");
    CHECK(words(event.tax()) == "190 EUR");
    CHECK(event.failure_code() == "insufficient_funds");
    CHECK(event.failure_reason() == "insufficient funds");
    CHECK(event.card().last_four() == "4242");
    CHECK(event.customer().email() == "ada@example.com");
    CHECK(event.plan().name() == "Pro");
    CHECK(event.plan().interval() == v1::INTERVAL_YEAR);
    CHECK(event.quantity() == 3);
    CHECK(event.period().end().seconds() == 200);
    CHECK(event.attempt() == 2);
    REQUIRE(event.attributes_size() == 2);
    CHECK(event.attributes(0).value() == "8");
}

TEST_CASE("an invoice of Stripe's newer API names its payment and its taxes in lists") {
    const auto event = stripe_event("invoice.paid", R"({
        "id": "in_1", "currency": "eur", "amount_paid": 1190,
        "payments": {"data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]},
        "total_taxes": [{"amount": 100}, {"amount": 90}],
        "parent": {"subscription_details": {"subscription": {"id": "sub_1"}, "metadata": {"team": "7"}}}})");
    CHECK(event.references().payment_id() == "pi_1");
    CHECK(event.references().subscription_id() == "sub_1");
    CHECK(words(event.tax()) == "190 EUR");
    CHECK(event.attributes(0).name() == "team");
}

TEST_CASE("an invoice of nothing is paid, and no money has come in") {
    const auto event = stripe_event("invoice.paid", R"({"id": "in_1", "currency": "usd", "amount_paid": 0})");
    CHECK(event.fact() == v1::FACT_INVOICE_PAID);
    CHECK(event.category() == v1::CATEGORY_OTHER);
}

TEST_CASE("Stripe's amounts are minor units of ISO 4217, whatever Stripe counts in") {
    struct Example {
        std::string_view digits;
        std::string_view currency;
        std::string_view said;
    };
    for (const auto& [digits, currency, said] :
         {Example{"1188", "usd", "1188 USD"}, Example{"1188", "jpy", "1188 JPY"},
          Example{"1230", "kwd", "1230 KWD"}, Example{"500", "mga", "50000 MGA"},
          Example{"50000", "isk", "500 ISK"}, Example{"50000", "ugx", "500 UGX"},
          Example{"0", "usd", "0 USD"}, Example{"00", "usd", ""}, Example{"5", "sll", "5 SLL"},
          Example{"9223372036854775807", "usd", "9223372036854775807 USD"}}) {
        INFO(digits << " " << currency);
        const std::string intent =
            fmt::format(R"({{"id": "pi_1", "amount_received": {}, "currency": "{}"}})", digits, currency);
        if (said.empty()) {
            CHECK_FALSE(why_not("payment_intent.succeeded", intent).empty());
        } else {
            CHECK(words(stripe_event("payment_intent.succeeded", intent).amount()) == said);
        }
    }
}

TEST_CASE("an amount of Stripe's that cannot be right is an error that says where it stands") {
    const auto why = [](std::string_view members) {
        return why_not("payment_intent.succeeded", fmt::format(R"({{"id": "pi_1", {}}})", members));
    };
    for (const std::string_view amount :
         {"-5", "1.5", "1e3", "9223372036854775808", "99999999999999999999999999", "\"1188\"", "true", "[1]",
          "{\"minor\": 1}"}) {
        INFO(amount);
        CHECK_THAT(why(fmt::format(R"("amount_received": {}, "currency": "usd")", amount)),
                   Catch::StartsWith("the body's /data/object/amount_received: "));
    }
    CHECK(why(R"("amount": 5)") ==
          "the body's /data/object/amount: an amount of no currency; /data/object/currency should name it");
    CHECK_THAT(why(R"("amount": 5, "currency": "zzz")"),
               Catch::StartsWith("the body's /data/object/currency: "));
    CHECK_THAT(why(R"("amount": 5, "currency": 5)"), Contains("/data/object/currency"));
    CHECK_THAT(why(R"("amount": 50001, "currency": "isk")"), Contains("more decimals than the currency has"));
    CHECK(why(R"("amount": null)").empty());
}

TEST_CASE("each partial refund of a charge moves what it adds") {
    const auto refund = [](std::string_view all, std::string_view before) {
        return stripe_event(
            "charge.refunded",
            fmt::format(R"({{"id": "ch_1", "amount": 9900, "currency": "usd", "amount_refunded": {}}})", all),
            before);
    };
    const auto second = refund("2500", R"({"amount_refunded": 1000})");
    CHECK(words(second.amount()) == "1500 USD");
    CHECK(words(second.amount_refunded()) == "2500 USD");
    CHECK(words(refund("2500", "{}").amount()) == "2500 USD");
    CHECK_THAT(refused("stripe", "charge.refunded", R"({"object": "event", "data": {"object": {"id": "ch_1",
               "currency": "usd", "amount_refunded": 5}, "previous_attributes": {"amount_refunded": 6}}})"),
               Contains("/data/previous_attributes/amount_refunded"));
}

TEST_CASE("a charge that is only reserved is no money yet, and a payment says so by its state") {
    const auto reserved = stripe_event(
        "charge.succeeded", R"({"id": "ch_1", "amount": 5, "currency": "usd", "captured": false})");
    CHECK(reserved.fact() == v1::FACT_PAYMENT_AUTHORIZED);
    CHECK(reserved.category() == v1::CATEGORY_OTHER);
    const auto unpaid =
        stripe_event("checkout.session.completed", R"({"id": "cs_1", "payment_status": "unpaid"})");
    CHECK(unpaid.category() == v1::CATEGORY_OTHER);
    CHECK(unpaid.fact() == v1::FACT_CHECKOUT_COMPLETED);
    const auto pending = stripe_event("refund.created", R"({"id": "re_1", "status": "pending"})");
    CHECK(pending.fact() == v1::FACT_UNSPECIFIED);
    for (const auto& [status, fact] :
         {std::pair{"won", v1::FACT_DISPUTE_WON}, std::pair{"lost", v1::FACT_DISPUTE_LOST},
          std::pair{"warning_closed", v1::FACT_DISPUTE_WON}}) {
        const auto closed =
            stripe_event("charge.dispute.closed", fmt::format(R"({{"id": "du_1", "status": "{}"}})", status));
        CHECK(closed.fact() == fact);
    }
    const auto drawn = stripe_event("payout.paid", R"({"id": "po_1", "amount": -500, "currency": "usd"})");
    CHECK(drawn.category() == v1::CATEGORY_OTHER);
    CHECK(drawn.has_unrecognised());
}

TEST_CASE("a failure is told in words that people use, else in Stripe's") {
    const auto reason = [](std::string_view error) {
        return stripe_event("payment_intent.payment_failed",
                            fmt::format(R"({{"id": "pi_1", "last_payment_error": {}}})", error))
            .failure_reason();
    };
    CHECK(reason(R"({"code": "card_declined", "decline_code": "insufficient_funds"})") ==
          "insufficient funds");
    CHECK(reason(R"({"code": "expired_card", "message": "Your card has expired."})") ==
          "the card has expired");
    CHECK(reason(R"({"code": "card_declined"})") == "the card was declined");
    CHECK(reason(R"({"code": "card_declined", "decline_code": "moon_phase", "message": "The moon."})") ==
          "The moon.");
    CHECK(reason(R"({"code": "moon_phase", "message": "The moon."})") == "The moon.");
    CHECK(reason(R"({})").empty());
}

TEST_CASE("links lead to the account's own dashboard, of tests to that of tests") {
    const std::string body = R"({"object": "event", "data": {"object": {"id": "pi_1", "customer": "../x"}}})";
    const auto link = [&](std::string_view account, std::string_view mode) {
        const auto event = providers::normalise(
            *providers::find("stripe"),
            {.type = "payment_intent.succeeded", .account = account, .mode = mode, .body = body});
        REQUIRE(event.has_value());
        REQUIRE(event->links_size() == 1);
        return event->links(0).url();
    };
    CHECK(link("", "live") == "https://dashboard.stripe.com/payments/pi_1");
    CHECK(link("", "test") == "https://dashboard.stripe.com/test/payments/pi_1");
    CHECK(link("acct_7", "test") == "https://dashboard.stripe.com/acct_7/test/payments/pi_1");
    CHECK(link("acct_7/..", "live") == "https://dashboard.stripe.com/payments/pi_1");
}

TEST_CASE("the attempt after which Stripe does not try again is the last one") {
    const auto failed = [](const std::string& more) {
        return stripe_event(
            "invoice.payment_failed",
            R"({"id": "in_1", "currency": "eur", "amount_due": 1190, "attempt_count": 4, )" + more + "}");
    };
    const auto last = failed(
        R"("collection_method": "charge_automatically", "next_payment_attempt": null, "billing_reason": "subscription_cycle")");
    CHECK(last.attempt() == 4);
    CHECK(last.attempts_max() == 4);
    CHECK(failed(R"("collection_method": "charge_automatically", "next_payment_attempt": 1764331200)")
              .attempts_max() == 0);
    CHECK(failed(R"("collection_method": "send_invoice", "next_payment_attempt": null)").attempts_max() == 0);
    // Who has just subscribed tries again by themselves.
    CHECK(
        failed(
            R"("collection_method": "charge_automatically", "next_payment_attempt": null, "billing_reason": "subscription_create")")
            .attempts_max() == 0);
}

TEST_CASE("that a dispute's money was moved tells the dispute once more, and no evidence") {
    const auto moved = [](const std::string& type, const std::string& status) {
        return stripe_event(
            type, fmt::format(R"({{"id": "du_1", "charge": "ch_1", "payment_intent": "pi_1", "amount": 9900,
                              "currency": "usd", "status": "{}"}})",
                              status));
    };
    const auto withdrawn = moved("charge.dispute.funds_withdrawn", "needs_response");
    CHECK(withdrawn.fact() == v1::FACT_DISPUTE_OPENED);
    CHECK(withdrawn.category() == v1::CATEGORY_MONEY_OUT);
    CHECK(withdrawn.references().dispute_id() == "du_1");
    const auto won = moved("charge.dispute.funds_reinstated", "won");
    CHECK(won.fact() == v1::FACT_DISPUTE_WON);
    CHECK(won.category() == v1::CATEGORY_MONEY_OUT);
    const auto open = moved("charge.dispute.funds_reinstated", "under_review");
    CHECK(open.fact() == v1::FACT_UNSPECIFIED);
    CHECK(open.category() == v1::CATEGORY_OTHER);
}
