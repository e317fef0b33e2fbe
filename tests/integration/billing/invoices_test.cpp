// Providers whose invoices and payments tell of each other: whatever tells of the money, it is booked once.
#include <catch2/catch.hpp>

#include "sent_by.hpp"

using namespace tollgate;
using namespace tollgate::test;

TEST_CASE("chargebee: a payment and its invoice are booked once, with what was refunded and reversed") {
    CHECK(booked(told_by("chargebee", {{"invoice_generated"},
                                       {"payment_failed"},
                                       {"payment_succeeded"},
                                       {"invoice_updated"},
                                       {"refund_initiated"},
                                       {"payment_refunded"}})) ==
          Texts{"partly_refunded 9900 USD", "provider 8400", "refunds 1500", "sales -9900"});
    CHECK(booked(told_by("chargebee", {{"payment_succeeded"}, {"transaction_created"}})) ==
          Texts{"lost 9900 USD", "losses 9900", "sales -9900"});
    // One transaction pays two invoices, and what it is of both say.
    const Step both{"payment_succeeded",
                    {{R"([{"invoice_id":"1042",)",
                      R"([{"invoice_id":"1043","applied_amount":3900},{"invoice_id":"1042",)"}}};
    const auto paid_by = [](std::string_view invoice, std::string_view amount) {
        return Step{
            "invoice_updated",
            {{R"("id":"1042")", invoice},
             {R"("amount_paid":9900)", amount},
             {R"("tax":900)", R"("tax":900,"linked_payments":[{"txn_id":"txn_0","txn_status":"failure"},)"
                              R"({"txn_id":"txn_16BHbhF4s42tO2made1","txn_status":"success"}])"}}};
    };
    const Texts once{"succeeded 9900 USD", "provider 9900", "sales -9900"};
    CHECK(booked(
              told_by("chargebee", {both,
                                    {"invoice_updated", {{R"("amount_paid":9900)", R"("amount_paid":6000)"}}},
                                    {"invoice_updated",
                                     {{R"("id":"1042")", R"("id":"1043")"},
                                      {R"("amount_paid":9900)", R"("amount_paid":3900)"}}}})) == once);
    const std::vector<Step> invoices{paid_by(R"("id":"1042")", R"("amount_paid":6000)"),
                                     paid_by(R"("id":"1043")", R"("amount_paid":3900)")};
    CHECK(booked(told_by("chargebee", invoices)) == once);
    CHECK(booked(told_by("chargebee",
                         {invoices[0], {"payment_succeeded", {{"linked_invoices", "none"}}}, invoices[1]})) ==
          once);
    // Paid by other means than a payment that is told of.
    CHECK(booked(told_by("chargebee", {{"invoice_updated"}})) ==
          Texts{"succeeded 9900 USD", "provider 9900", "sales -9900"});
}

TEST_CASE(
    "stripe: an invoice, its payment and what links them are booked once, and an inquiry moves nothing") {
    const Texts once{"succeeded 9900 USD", "provider 9900", "sales -9900"};
    CHECK(booked(told_by("stripe", {{"invoice.paid"},
                                    {"invoice.payment_succeeded"},
                                    {"charge.succeeded"},
                                    {"payment_intent.succeeded"},
                                    {"invoice_payment.paid"}})) == once);
    CHECK(booked(told_by("stripe", {{"invoice.paid"}, {"invoice_payment.paid"}})) == once);
    const Step linked{
        "payment_intent.succeeded",
        {{R"("next_action")",
          R"("payment_details": {"order_reference": "in_1SXk0QLkdIwHu7ixN0va"}, "next_action")"}}};
    CHECK(booked(told_by("stripe", {{"invoice.paid"}, {"charge.succeeded"}, linked})) == once);
    // Cash, as older versions of the API tell it, and as newer ones do.
    CHECK(booked(told_by("stripe", {{"invoice.paid",
                                     {{R"("attempted")", R"("paid_out_of_band": true, "attempted")"}}}})) ==
          Texts{"succeeded 9900 USD"});
    const Step recorded{"invoice_payment.paid",
                        {{R"("payment_intent": "pi_3SXk0QLkdIwHu7ix1aBcDeF",)", ""},
                         {R"("type": "payment_intent")", R"("type": "payment_record")"}}};
    CHECK(booked(told_by("stripe", {{"invoice.paid"}, recorded})) == Texts{"succeeded 9900 USD"});
    CHECK(booked(told_by("stripe",
                         {{"charge.succeeded"},
                          {"charge.dispute.created",
                           {{R"("balance_transactions")", R"("none")"},
                            {R"("status": "needs_response")", R"("status": "warning_needs_response")"}}}})) ==
          Texts{"disputed 9900 USD", "provider 9900", "sales -9900"});
}
