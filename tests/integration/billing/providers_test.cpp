// What providers tell of one payment, each in its own events, is booked once: in the order that it happened,
// in the reverse, and each twice.
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "providers/items.hpp"
#include "sent_by.hpp"
#include "support/child_process.hpp"

using namespace tollgate;
using namespace tollgate::test;
namespace made = tollgate::providers::testing;

namespace {

Told told_by_mollie(std::initializer_list<std::string_view> documents) {
    const auto& mollie = made::provider("mollie");
    const auto trust = made::trust(mollie, "{}", {"test_" + std::string(30, 'k')});
    Told told;
    for (const std::string_view name : documents) {
        std::ostringstream text;
        text << std::ifstream{source_file(fmt::format("tests/unit/providers/fetched/{}.json", name))}.rdbuf();
        const made::Request request{.body = "id=tr_7UhSN1zuXS"};
        const auto wanted = mollie.verify(*trust, request.received(), made::noon, {});
        const auto items = mollie.identify(
            *trust, request.received(), {{std::get<providers::DocumentRequest>(wanted).url, {text.str()}}});
        REQUIRE(items);
        for (const auto& item : *items)
            told.push_back(normalised(mollie, "{}", item, providers::bytes_of(item, text.str())));
    }
    return told;
}

}  // namespace

TEST_CASE("paddle: a transaction is booked once, with its fee, its refund and its chargeback") {
    CHECK(booked(told_by("paddle", {{"transaction.paid"},
                                    {"transaction.completed"},
                                    {"adjustment.created"},
                                    {"adjustment.updated"}})) ==
          Texts{"partly_refunded 9900 USD", "fees 545", "provider 6055", "refunds 3300", "sales -9900"});
    const Step chargeback{
        "adjustment.created",
        {{R"("action":"refund")", R"("action":"chargeback")"}, {"pending_approval", "approved"}}};
    CHECK(booked(told_by("paddle", {{"transaction.completed"}, chargeback})) ==
          Texts{"disputed 9900 USD", "disputed 3300", "fees 545", "provider 6055", "sales -9900"});
    const Step reversed{"adjustment.updated", {{R"("action":"refund")", R"("action":"chargeback_reverse")"}}};
    CHECK(booked(told_by("paddle", {{"transaction.completed"}, chargeback, reversed})) ==
          Texts{"won 9900 USD", "fees 545", "provider 9355", "sales -9900"});
    CHECK(booked(told_by("paddle", {{"transaction.payment_failed"}, {"transaction.past_due"}})) ==
          Texts{"failed 9900 USD"});
}

TEST_CASE("paypal: a capture and a sale are booked once, with what was refunded, and lost once") {
    CHECK(booked(told_by("paypal", {{"CHECKOUT.ORDER.APPROVED"},
                                    {"PAYMENT.AUTHORIZATION.CREATED"},
                                    {"PAYMENT.CAPTURE.COMPLETED"},
                                    {"CHECKOUT.ORDER.COMPLETED"},
                                    {"PAYMENT.CAPTURE.REFUNDED"}})) ==
          Texts{"partly_refunded 9900 USD", "fees 317", "provider 8083", "refunds 1500", "sales -9900"});
    CHECK(booked(told_by("paypal", {{"PAYMENT.CAPTURE.COMPLETED"},
                                    {"CUSTOMER.DISPUTE.CREATED"},
                                    {"CUSTOMER.DISPUTE.UPDATED"},
                                    {"PAYMENT.CAPTURE.REVERSED"},
                                    {"CUSTOMER.DISPUTE.RESOLVED"}})) ==
          Texts{"lost 9900 USD", "fees 317", "losses 9900", "provider -317", "sales -9900"});
    CHECK(booked(told_by("paypal", {{"PAYMENT.SALE.COMPLETED"}, {"PAYMENT.SALE.REFUNDED"}})) ==
          Texts{"refunded 2990 USD", "fees 117", "provider -117", "refunds 2990", "sales -2990"});
    CHECK(booked(told_by("paypal", {{"PAYMENT.SALE.DENIED"}})) == Texts{"failed 2990 USD"});
    // Reversed by a bank, of which no dispute tells.
    const Step later{"PAYMENT.SALE.REVERSED", {}, std::chrono::minutes{60}};
    CHECK(booked(told_by("paypal", {{"PAYMENT.SALE.COMPLETED"}, later})) ==
          Texts{"failed 2990 USD", "fees 117", "provider -117"});
}

TEST_CASE("gocardless: a payment stands as it is told, and of no amount nothing is booked") {
    CHECK(
        booked(told_by(
            "gocardless",
            {{"payments.created"}, {"payments.submitted"}, {"payments.confirmed"}, {"payments.paid_out"}})) ==
        Texts{"succeeded money has come, and nobody says how much"});
    CHECK(booked(told_by("gocardless", {{"payments.failed"}})) == Texts{"failed"});
    // A bank says so after the payment was confirmed; and before, where it was then tried again.
    const Step late{"payments.failed", {{"PM00MADE0000002", "PM00MADE0000001"}}, std::chrono::minutes{60}};
    CHECK(booked(told_by("gocardless", {{"payments.confirmed"}, late})) == Texts{"failed"});
    const Step settled{
        "payments.late_failure_settled", {{"PM00MADE0000004", "PM00MADE0000001"}}, std::chrono::minutes{60}};
    CHECK(booked(told_by("gocardless", {{"payments.confirmed"}, settled})) == Texts{"failed"});
    const Step before{"payments.failed", {{"PM00MADE0000002", "PM00MADE0000001"}}};
    CHECK(booked(told_by("gocardless", {before, {"payments.confirmed"}})) ==
          Texts{"succeeded money has come, and nobody says how much"});
    CHECK(booked(told_by("gocardless", {{"payments.confirmed"}, {"refunds.created"}, {"refunds.paid"}})) ==
          Texts{"succeeded money has come, and nobody says how much; what went back of it is not booked"});
    CHECK(booked(told_by("gocardless", {{"payments.confirmed"}, {"payments.charged_back"}})) ==
          Texts{"disputed money has come, and nobody says how much; what is disputed of it is not booked"});
    CHECK(booked(told_by("gocardless", {{"payouts.paid"}})) ==
          Texts{"succeeded money has gone to the bank, and nobody says how much"});
}

TEST_CASE("chargify: a renewal is its payment, told by one of them or by both") {
    const Texts paid{"succeeded 9900 USD", "provider 9900", "sales -9900"};
    CHECK(booked(told_by("chargify", {{"payment_success"}})) == paid);
    CHECK(booked(told_by("chargify", {{"renewal_success"}})) == paid);
    CHECK(booked(told_by("chargify", {{"payment_success"}, {"renewal_success"}})) == paid);
    CHECK(booked(told_by("chargify", {{"payment_failure"}, {"renewal_failure"}})) ==
          Texts{"failed 9900 USD"});
    CHECK(booked(told_by("chargify", {{"renewal_failure"}})) == Texts{"failed 9900 USD"});
}

TEST_CASE("razorpay: a subscription's charge is its payment, the first as each later one") {
    const auto charged = [](std::string_view count) {
        return Step{"subscription.charged", {{R"("paid_count":1)", count}}};
    };
    const Texts first = booked(told_by("razorpay", {charged(R"("paid_count":1)")}));
    REQUIRE(first.size() > 1);
    CHECK_THAT(first.front(), Catch::StartsWith("succeeded "));
    CHECK(booked(told_by("razorpay", {charged(R"("paid_count":2)")})) == first);
}

TEST_CASE("adyen: an authorisation that is captured by itself is booked once, and by hand each capture is") {
    CHECK(booked(told_by("adyen", {{"AUTHORISATION"},
                                   {"CAPTURE"},
                                   {"REFUND"},
                                   {"NOTIFICATION_OF_CHARGEBACK"},
                                   {"CHARGEBACK"},
                                   {"CHARGEBACK_REVERSED"}})) ==
          Texts{"partly_refunded 9900 EUR", "provider 8400", "refunds 1500", "sales -9900"});
    CHECK(booked(told_by("adyen", {{"AUTHORISATION"}, {"CHARGEBACK"}, {"SECOND_CHARGEBACK"}})) ==
          Texts{"lost 9900 EUR", "losses 9900", "sales -9900"});
    CHECK(booked(told_by("adyen", {{"AUTHORISATION"}, {"CANCELLATION"}})) ==
          Texts{"refunded 9900 EUR", "refunds 9900", "sales -9900"});
    CHECK(booked(told_by("adyen", {{"AUTHORISATION"}, {"CAPTURE_FAILED"}})) == Texts{"failed 9900 EUR"});
    CHECK(booked(told_by("adyen", {{"AUTHORISATION"}, {"REFUND"}, {"REFUND_FAILED"}})) ==
          Texts{"succeeded 9900 EUR", "provider 9900", "sales -9900"});
    const std::string_view by_hand = R"({"capture": "manual"})";
    CHECK(booked(told_by("adyen",
                         {{"AUTHORISATION"},
                          {"CAPTURE", {{"MADE000000000011", "MADE000000000012"}, {"12:59:53", "12:59:52"}}},
                          {"CAPTURE_FAILED"}},
                         by_hand)) == Texts{"failed 9900 EUR"});
    CHECK(booked(told_by("adyen", {{"AUTHORISATION"}}, by_hand)) == Texts{"authorised 9900 EUR"});
    CHECK(booked(told_by("adyen", {{"AUTHORISATION"}, {"CANCELLATION"}}, by_hand)) ==
          Texts{"cancelled 9900 EUR"});
    CHECK(
        booked(told_by(
            "adyen",
            {{"AUTHORISATION"},
             {"CAPTURE", {{R"("value":9900)", R"("value":5000)"}}},
             {"CAPTURE", {{R"("value":9900)", R"("value":4000)"}, {"MADE000000000011", "MADE000000000099"}}},
             {"REFUND"}},
            by_hand)) == Texts{"partly_refunded 9000 EUR", "provider 7500", "refunds 1500", "sales -9000"});
    CHECK(booked(told_by("adyen", {{"balancePlatform.transfer.created"}})) ==
          Texts{"succeeded 845500 EUR", "bank 845500", "provider -845500"});
}

TEST_CASE("square: a payment and its invoice are booked once, with what was refunded and disputed") {
    CHECK(booked(told_by("square", {{"invoice.published"},
                                    {"payment.created"},
                                    {"payment.updated"},
                                    {"invoice.payment_made"},
                                    {"refund.created"},
                                    {"refund.updated"}})) ==
          Texts{"partly_refunded 9900 USD", "fees 317", "provider 8083", "refunds 1500", "sales -9900"});
    CHECK(booked(told_by("square", {{"payment.updated"}, {"dispute.created"}})) ==
          Texts{"disputed 9900 USD", "disputed 9900", "fees 317", "provider -317", "sales -9900"});
    CHECK(booked(told_by("square", {{"payment.updated"}, {"dispute.created"}, {"dispute.state.changed"}})) ==
          Texts{"lost 9900 USD", "fees 317", "losses 9900", "provider -317", "sales -9900"});
}

TEST_CASE("mollie: a payment that is fetched each time is booked once, with what was taken back") {
    CHECK(booked(told_by_mollie({"payment.paid"})) ==
          Texts{"succeeded 9900 EUR", "provider 9900", "sales -9900"});
    const Texts taken_back{"disputed 9900 EUR", "disputed 8400", "refunds 1500", "sales -9900"};
    CHECK(booked(told_by_mollie({"payment.paid", "payment.taken_back"})) == taken_back);
    // Where the first was never told.
    CHECK(booked(told_by_mollie({"payment.taken_back"})) == taken_back);
}

TEST_CASE("paystack: a charge and its invoice are booked once, with what was refunded and lost") {
    CHECK(booked(told_by(
              "paystack",
              {{"charge.success"}, {"refund.pending"}, {"refund.processing"}, {"refund.processed"}})) ==
          Texts{"partly_refunded 249900 NGN", "fees 5249", "provider 194651", "refunds 50000",
                "sales -249900"});
    CHECK(booked(told_by("paystack", {{"charge.success"},
                                      {"charge.dispute.create"},
                                      {"charge.dispute.remind"},
                                      {"charge.dispute.resolve"}})) ==
          Texts{"lost 249900 NGN", "fees 5249", "losses 249900", "provider -5249", "sales -249900"});
    const Step charge{"charge.success",
                      {{"qTPrJoyMade1", "qTPrJoyMade3"}, {"\"amount\":249900", "\"amount\":500000"}}};
    CHECK(booked(told_by("paystack", {{"invoice.create"}, charge, {"invoice.update"}})) ==
          Texts{"succeeded 500000 NGN", "fees 5249", "provider 494751", "sales -500000"});
}
