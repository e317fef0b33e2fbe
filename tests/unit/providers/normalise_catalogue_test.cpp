// What the events of Paddle, PayPal, GoCardless, Adyen, Square, Mollie, Paystack and Chargebee tell beyond
// their samples.
#include <catch2/catch.hpp>

#include "normalised.hpp"
#include "providers/catalogue.hpp"
#include "requests.hpp"

using Catch::Contains;
using namespace tollgate;
using namespace tollgate::providers::testing;

namespace {

constexpr std::array<std::string_view, 8> those{"adyen",  "chargebee", "gocardless", "mollie",
                                                "paddle", "paypal",    "paystack",   "square"};

}  // namespace

TEST_CASE("an event of a type that nobody knows passes as other, with its body as it came") {
    for (const std::string_view provider : those) {
        INFO(provider);
        const std::string body = own_bytes(providers::testing::provider(provider),
                                           providers::testing::provider(provider).samples[0]);
        const auto event = event_of(provider, "made.up.tomorrow", body);
        CHECK(event.category() == v1::CATEGORY_OTHER);
        CHECK(event.fact() == v1::FACT_UNSPECIFIED);
        CHECK(event.unrecognised().data() == body);
        CHECK(event.unrecognised().content_type() == "application/json");
    }
}

TEST_CASE("a field that nobody knows changes nothing") {
    for (const std::string_view name : those) {
        const auto& provider = providers::testing::provider(name);
        for (const auto& sample : provider.samples) {
            INFO(name << " " << sample.type);
            std::string body = own_bytes(provider, sample);
            const auto before = event_of(name, sample.type, body);
            body.insert(1, R"("made_up_tomorrow":{"amount":[-1,"x"]},)");
            CHECK(event_of(name, sample.type, body).SerializeAsString() == before.SerializeAsString());
        }
    }
}

TEST_CASE("paddle: what an adjustment does is its action and its state") {
    const auto adjusted = [](std::string_view action, std::string_view status) {
        std::string body = sample_with("paddle", "adjustment.updated", R"("action":"refund")",
                                       fmt::format(R"("action":"{}")", action));
        body.replace(body.find("\"approved\""), 10, fmt::format("\"{}\"", status));
        return event_of("paddle", "adjustment.updated", body);
    };
    CHECK(fact_of(adjusted("refund", "approved")) == "FACT_REFUND_SUCCEEDED");
    CHECK(fact_of(adjusted("refund", "rejected")) == "FACT_REFUND_FAILED");
    CHECK(fact_of(adjusted("refund", "pending_approval")) == "FACT_UNSPECIFIED");
    CHECK(fact_of(adjusted("credit", "approved")) == "FACT_UNSPECIFIED");
    CHECK(fact_of(adjusted("chargeback_warning", "approved")) == "FACT_UNSPECIFIED");
    const auto opened = adjusted("chargeback", "approved");
    const auto won = adjusted("chargeback_reverse", "approved");
    CHECK(fact_of(opened) == "FACT_DISPUTE_OPENED");
    CHECK(fact_of(won) == "FACT_DISPUTE_WON");
    CHECK(opened.references().dispute_id() == won.references().dispute_id());
    const auto free =
        event_with("paddle", "transaction.completed", R"("grand_total":"9900")", R"("grand_total":"0")");
    CHECK(free.category() == v1::CATEGORY_OTHER);
    CHECK(fact_of(free) == "FACT_CHECKOUT_COMPLETED");
    // The older ones have no grand total.
    CHECK(words(event_with("paddle", "transaction.completed", R"("grand_total":"9900")", R"("other":"1")")
                    .amount()) == "9900 USD");
    CHECK(fact_with("paddle", "subscription.updated", R"("action":"cancel")", R"("action":"pause")") ==
          "FACT_SUBSCRIPTION_UPDATED");
    CHECK(fact_with("paddle", "subscription.created", R"("status":"active","customer_id")",
                    R"("status":"trialing","customer_id")") == "FACT_TRIAL_STARTED");
}

TEST_CASE("paypal: a dispute is lost or won by its outcome") {
    for (const auto& [outcome, fact] :
         {std::pair{"RESOLVED_BUYER_FAVOUR", "FACT_DISPUTE_LOST"}, std::pair{"ACCEPTED", "FACT_DISPUTE_LOST"},
          std::pair{"RESOLVED_SELLER_FAVOUR", "FACT_DISPUTE_WON"},
          std::pair{"CANCELED_BY_BUYER", "FACT_DISPUTE_WON"},
          std::pair{"RESOLVED_WITH_PAYOUT", "FACT_DISPUTE_WON"}, std::pair{"DENIED", "FACT_DISPUTE_WON"}}) {
        INFO(outcome);
        CHECK(fact_with("paypal", "CUSTOMER.DISPUTE.RESOLVED", "RESOLVED_BUYER_FAVOUR", outcome) == fact);
    }
    // A refund is of the capture that its link leads up to.
    CHECK(event_with("paypal", "PAYMENT.CAPTURE.REFUNDED", R"("rel":"up")", R"("rel":"down")")
              .references()
              .payment_id()
              .empty());
}

TEST_CASE("adyen: what failed is told so, and whether an authorisation is money is the source's to say") {
    CHECK(fact_with("adyen", "AUTHORISATION", R"("success":"true")", R"("success":"false")") ==
          "FACT_PAYMENT_FAILED");
    CHECK(fact_with("adyen", "AUTHORISATION", R"("success":"true")", R"("success":true)") ==
          "FACT_PAYMENT_SUCCEEDED");
    CHECK(fact_with("adyen", "AUTHORISATION", R"("value":9900)", R"("value":0)") ==
          "FACT_PAYMENT_AUTHORIZED");
    CHECK(fact_with("adyen", "CAPTURE", R"("success":"true")", R"("success":"false")") ==
          "FACT_PAYMENT_FAILED");
    CHECK(fact_with("adyen", "REFUND", R"("success":"true")", R"("success":"false")") ==
          "FACT_REFUND_FAILED");
    CHECK(fact_with("adyen", "CANCELLATION", R"("success":"true")", R"("success":"false")") ==
          "FACT_UNSPECIFIED");
    CHECK(fact_with("adyen", "CANCEL_OR_REFUND", "\"refund\"", "\"cancel\"") == "FACT_PAYMENT_CANCELED");
    CHECK(fact_with("adyen", "CHARGEBACK", "Undefended", "Lost") == "FACT_DISPUTE_LOST");

    const auto by_hand = [](std::string_view type) {
        const auto& adyen = providers::testing::provider("adyen");
        const auto event = providers::normalise(adyen, {.settings = R"({"capture": "manual"})",
                                                        .type = type,
                                                        .body = own_bytes(adyen, sample(adyen, type))});
        REQUIRE(event);
        return *event;
    };
    const auto authorised = by_hand("AUTHORISATION");
    const auto captured = by_hand("CAPTURE");
    CHECK(fact_of(authorised) == "FACT_PAYMENT_AUTHORIZED");
    CHECK(fact_of(captured) == "FACT_PAYMENT_SUCCEEDED");
    CHECK(captured.references().payment_id().empty());
    CHECK(captured.references().charge_id() == "MADE000000000011");
    CHECK(captured.references().checkout_id() == authorised.references().checkout_id());
    CHECK(fact_of(by_hand("CANCELLATION")) == "FACT_PAYMENT_CANCELED");
    CHECK(fact_of(by_hand("CANCEL_OR_REFUND")) == "FACT_REFUND_SUCCEEDED");
    CHECK_THAT(refusal(providers::testing::provider("adyen"), R"({"capture": "sometimes"})"),
               Contains("capture"));
    CHECK(refusal(providers::testing::provider("adyen"), R"({"capture": "manual"})").empty());
    for (const auto& [status, fact] :
         {std::pair{"failed", "FACT_PAYOUT_FAILED"}, std::pair{"returned", "FACT_PAYOUT_FAILED"},
          std::pair{"received", "FACT_UNSPECIFIED"}}) {
        CHECK(fact_with("adyen", "balancePlatform.transfer.created", "\"booked\"",
                        fmt::format("\"{}\"", status)) == fact);
    }
}

TEST_CASE("square: what happened is the state that its object is in") {
    for (const auto& [status, fact] :
         {std::pair{"APPROVED", "FACT_PAYMENT_AUTHORIZED"}, std::pair{"PENDING", "FACT_PAYMENT_PENDING"},
          std::pair{"CANCELED", "FACT_PAYMENT_CANCELED"}, std::pair{"FAILED", "FACT_PAYMENT_FAILED"},
          std::pair{"MADE_UP", "FACT_UNSPECIFIED"}}) {
        INFO(status);
        CHECK(fact_with("square", "payment.updated", R"("status":"COMPLETED")",
                        fmt::format(R"("status":"{}")", status)) == fact);
    }
    CHECK(fact_with("square", "refund.updated", "COMPLETED", "REJECTED") == "FACT_REFUND_FAILED");
    CHECK(fact_with("square", "dispute.state.updated", "\"WON\"", "\"ACCEPTED\"") == "FACT_DISPUTE_LOST");
    CHECK(fact_with("square", "dispute.state.updated", "\"WON\"", "\"PROCESSING\"") ==
          "FACT_DISPUTE_UPDATED");
    CHECK(fact_with("square", "invoice.payment_made", "\"PAID\"", "\"PARTIALLY_PAID\"") ==
          "FACT_UNSPECIFIED");
    CHECK(fact_with("square", "subscription.updated", "CANCELED", "DEACTIVATED") ==
          "FACT_SUBSCRIPTION_PAST_DUE");
    CHECK(fact_with("square", "subscription.updated", "CANCELED", "ACTIVE") ==
          "FACT_SUBSCRIPTION_CANCEL_SCHEDULED");
    // A tip is part of what was paid, and is not in the amount that was asked for.
    CHECK(words(event_with("square", "payment.updated", R"("total_money":{"amount":9900)",
                           R"("total_money":{"amount":10900)")
                    .amount()) == "10900 USD");
    const auto taken = event_with("square", "payout.paid", R"("amount":845500)", R"("amount":-500)");
    CHECK(fact_of(taken) == "FACT_UNSPECIFIED");
    CHECK_FALSE(taken.has_amount());
}

TEST_CASE("paystack: who accepts a dispute has lost it, and an invoice is paid when it says so") {
    CHECK(fact_with("paystack", "charge.dispute.resolve", "merchant-accepted", "declined") ==
          "FACT_DISPUTE_WON");
    CHECK(fact_with("paystack", "charge.dispute.resolve", "merchant-accepted", "auto-accepted") ==
          "FACT_DISPUTE_LOST");
    CHECK(words(event_with("paystack", "charge.dispute.create", R"("refund_amount":249900)",
                           R"("refund_amount":null)")
                    .amount()) == "249900 NGN");
    const std::string francs =
        sample_with("paystack", "charge.success", R"("currency":"NGN")", R"("currency":"XOF")");
    CHECK_FALSE(event_of("paystack", "charge.success", francs).has_fee());
    CHECK(fact_with("paystack", "invoice.update", R"("paid":true)", R"("paid":false)") == "FACT_UNSPECIFIED");
    const auto yearly =
        event_with("paystack", "subscription.create", R"("interval":"monthly")", R"("interval":"annually")");
    CHECK(words(yearly.mrr()) == "41667 NGN");
    const auto quarterly =
        event_with("paystack", "subscription.create", R"("interval":"monthly")", R"("interval":"quarterly")");
    CHECK(words(quarterly.mrr()) == "166667 NGN");
    CHECK_FALSE(
        event_with("paystack", "subscription.create", R"("interval":"monthly")", R"("interval":"hourly")")
            .has_mrr());
}

TEST_CASE("chargebee: an invoice brings what was paid of it, and a transaction is told of once") {
    CHECK(fact_with("chargebee", "invoice_updated", R"("status":"paid")", R"("status":"not_paid")") ==
          "FACT_INVOICE_UNCOLLECTIBLE");
    CHECK(fact_with("chargebee", "invoice_updated", R"("status":"paid")", R"("status":"voided")") ==
          "FACT_INVOICE_VOIDED");
    const auto by_credits =
        event_with("chargebee", "invoice_updated", R"("amount_paid":9900)", R"("amount_paid":0)");
    CHECK(fact_of(by_credits) == "FACT_UNSPECIFIED");
    CHECK(by_credits.category() == v1::CATEGORY_OTHER);
    CHECK(fact_with("chargebee", "transaction_created", "payment_reversal", "payment") == "FACT_UNSPECIFIED");
    // Of two invoices it is neither's alone.
    const auto of_two = event_with("chargebee", "payment_succeeded", R"("invoice_status":"paid"})",
                                   R"("invoice_status":"paid"},{"invoice_id":"1043"})");
    CHECK(of_two.references().invoice_id().empty());
    const auto in_trial = event_with("chargebee", "subscription_cancelled", R"("cancelled_at":1764071992)",
                                     R"("cancelled_at":1764071992,"trial_end":1764071992)");
    CHECK(words(in_trial.mrr_delta()) == "0 USD");
    CHECK(fact_with("chargebee", "subscription_started", R"("id":"sub_16CPmVUkXtS77","status":"active")",
                    R"("id":"sub_16CPmVUkXtS77","status":"in_trial")") == "FACT_TRIAL_STARTED");
}

TEST_CASE("gocardless: no event has an amount") {
    for (const auto& sample : providers::testing::provider("gocardless").samples) {
        INFO(sample.type);
        const auto event = event_of("gocardless", sample.type,
                                    own_bytes(providers::testing::provider("gocardless"), sample));
        CHECK_FALSE(event.has_amount());
        CHECK_FALSE(event.subject().id().empty());
    }
}
