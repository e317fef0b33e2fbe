// What Stripe made a refund before version "basil" of its API, and was no money.
#include <catch2/catch.hpp>

#include "normalised.hpp"

using namespace tollgate;
using namespace tollgate::providers::testing;

namespace {

events::PaymentEvent event(std::string_view version, std::string_view type, std::string_view object,
                           std::string_view before = "{}") {
    return event_of("stripe", type,
                    fmt::format(R"({{"object": "event", "api_version": {}, "data": {{"object": {},
                                    "previous_attributes": {}}}}})",
                                version, object, before));
}

std::string charge(int captured, int refunded) {
    return fmt::format(R"({{"id": "ch_1", "currency": "usd", "amount": 9900, "amount_captured": {},
                            "amount_refunded": {}, "captured": {}}})",
                       captured, refunded, captured > 0);
}

// What was given back, and what was let go.
std::string told(const events::PaymentEvent& event) {
    return (event.has_amount_refunded() ? words(event.amount_refunded()) : "untold") + ", " +
           (event.has_amount_released() ? words(event.amount_released()) : "none");
}

constexpr std::string_view older = R"("2024-06-20")";
constexpr std::string_view basil = R"("2025-03-31.basil")";

}  // namespace

TEST_CASE("what a capture has left over is told beside what was given back") {
    const auto refunded = [](std::string_view version, int captured, int refunded) {
        return told(event(version, "charge.refunded", charge(captured, refunded)));
    };
    CHECK(refunded(older, 9000, 1900) == "1000 USD, 900 USD");
    CHECK(refunded(older, 9900, 1900) == "1900 USD, none");
    CHECK(refunded(R"("2025-02-24.acacia")", 9000, 900) == "0 USD, 900 USD");
    for (const std::string_view version :
         {basil, std::string_view{R"("2025-10-29.clover")"}, std::string_view{"null"}})
        CHECK(refunded(version, 9000, 1900) == "1900 USD, none");
    // The capture may have been asked for in another version than the event's: less than is left over is not
    // it, and more than was captured cannot all be given back.
    CHECK(refunded(older, 4000, 1000) == "1000 USD, none");
    CHECK(refunded(basil, 4000, 6900) == "1000 USD, 5900 USD");
    // What is captured just now is not given back yet.
    CHECK(told(event(basil, "charge.captured", charge(9000, 900))) == "0 USD, 900 USD");
    CHECK(told(event(older, "charge.captured", charge(9000, 0))) == "0 USD, none");
}

TEST_CASE("a refund of what a capture has left over is no refund, and one after it is of what it adds") {
    const auto left = event(older, "charge.refunded", charge(4000, 5900), R"({"amount_refunded": 0})");
    CHECK(left.category() == v1::CATEGORY_OTHER);
    CHECK(left.fact() == v1::FACT_UNSPECIFIED);
    CHECK(words(left.amount()) == "0 USD");
    const auto back = event(older, "charge.refunded", charge(4000, 6900), R"({"amount_refunded": 5900})");
    CHECK(back.category() == v1::CATEGORY_MONEY_OUT);
    CHECK(back.fact() == v1::FACT_REFUND_SUCCEEDED);
    CHECK(words(back.amount()) == "1000 USD");
    CHECK(words(event(older, "charge.refunded", charge(4000, 6900)).amount()) == "1000 USD");
    const auto second = event(older, "charge.refunded", charge(4000, 7400), R"({"amount_refunded": 6900})");
    CHECK(words(second.amount()) == "500 USD");
    CHECK(told(second) == "1500 USD, 5900 USD");
}

TEST_CASE("what was never counted as given back by itself has not been let go") {
    const auto back = event(older, "charge.refunded", charge(9000, 1900), R"({"amount_refunded": 0})");
    CHECK(back.fact() == v1::FACT_REFUND_SUCCEEDED);
    CHECK(words(back.amount()) == "1900 USD");
    CHECK(told(back) == "1900 USD, none");
    const auto more = event(older, "charge.refunded", charge(9000, 1900), R"({"amount_refunded": 899})");
    CHECK(words(more.amount()) == "1001 USD");
    CHECK(told(more) == "1900 USD, none");
    const auto since = event(older, "charge.refunded", charge(9000, 1900), R"({"amount_refunded": 900})");
    CHECK(words(since.amount()) == "1000 USD");
    CHECK(told(since) == "1000 USD, 900 USD");
    // More than was captured cannot all have been given back.
    const auto all = event(older, "charge.refunded", charge(4000, 6900), R"({"amount_refunded": 0})");
    CHECK(told(all) == "1000 USD, 5900 USD");
}

TEST_CASE("what is let go before its capture is cancelled, and no money") {
    const auto cancelled = event(older, "charge.refunded", charge(0, 9900), R"({"amount_refunded": 0})");
    CHECK(cancelled.category() == v1::CATEGORY_OTHER);
    CHECK(cancelled.fact() == v1::FACT_PAYMENT_CANCELED);
    CHECK(told(cancelled) == "0 USD, 9900 USD");
    CHECK(told(event(older, "charge.expired", charge(0, 9900))) == "0 USD, 9900 USD");
    const auto expired = event(older, "refund.created", R"({"id": "re_1", "currency": "usd", "amount": 9900,
        "status": "succeeded", "reason": "expired_uncaptured_charge"})");
    CHECK(expired.category() == v1::CATEGORY_OTHER);
    CHECK(expired.fact() == v1::FACT_UNSPECIFIED);
}

TEST_CASE("a payment intent tells what it has let go where a refund is made of that") {
    const auto released = [](std::string_view version, std::string_view type, int received,
                             std::string_view charge = R"("ch_1")") {
        return told(event(version, type,
                          fmt::format(R"({{"id": "pi_1", "currency": "usd", "amount": 9900,
                                           "amount_received": {}, "latest_charge": {}}})",
                                      received, charge)));
    };
    CHECK(released(older, "payment_intent.succeeded", 4000) == "untold, 5900 USD");
    CHECK(released(older, "payment_intent.succeeded", 9900) == "untold, none");
    CHECK(released(older, "payment_intent.canceled", 0) == "untold, 9900 USD");
    CHECK(released(older, "payment_intent.canceled", 0, "null") == "untold, none");
    CHECK(released(older, "payment_intent.payment_failed", 0) == "untold, none");
    CHECK(released(basil, "payment_intent.succeeded", 4000) == "untold, none");
}
