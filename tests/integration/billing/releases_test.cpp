// What Stripe made a refund before version "basil" of its API, and was no money: what a capture leaves over,
// and what is cancelled before it.
#include <catch2/catch.hpp>

#include "sent_by.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

struct Hook {
    std::string_view type;
    std::string object;
    std::string before = "{}";
};

// A minute after one another.
Told told_by_stripe(const std::vector<Hook>& all, std::string_view version = "2024-06-20") {
    const auto& stripe = providers::testing::provider("stripe");
    Told told;
    for (const Hook& hook : all) {
        const auto minute = static_cast<int>(told.size());
        const std::string body = fmt::format(
            R"({{"id": "evt_{}", "object": "event", "api_version": "{}", "created": {}, "data": {{
                "object": {}, "previous_attributes": {}}}}})",
            minute, version, 1'790'000'000 + 60 * minute, hook.object, hook.before);
        told.push_back(normalised(stripe, "{}", {.type = std::string{hook.type}}, body));
    }
    return told;
}

std::string charge(int captured, int refunded) {
    return fmt::format(
        R"({{"id": "ch_1", "payment_intent": "pi_1", "customer": "cus_1", "currency": "usd", "amount": 9900,
             "amount_captured": {}, "amount_refunded": {}, "captured": {}}})",
        captured, refunded, captured > 0);
}

std::string intent(int received) {
    return fmt::format(
        R"({{"id": "pi_1", "latest_charge": "ch_1", "currency": "usd", "amount": 9900, "amount_received": {},
             "amount_capturable": 0}})",
        received);
}

Hook refund(std::string_view id, int amount, std::string_view reason = "requested_by_customer") {
    return {.type = "refund.created",
            .object = fmt::format(R"({{"id": "{}", "payment_intent": "pi_1", "charge": "ch_1", "amount": {},
                                       "currency": "usd", "status": "succeeded", "reason": "{}"}})",
                                  id, amount, reason)};
}

Hook counted(int captured, int refunded, int earlier) {
    return {.type = "charge.refunded",
            .object = charge(captured, refunded),
            .before = fmt::format(R"({{"amount_refunded": {}}})", earlier)};
}

const Hook reserved{"charge.succeeded", charge(0, 0)};
const Hook captured{"charge.captured", charge(4000, 5900)};

}  // namespace

TEST_CASE("stripe: what a capture leaves over is not given back, whichever events tell of it") {
    const Texts untouched{"succeeded 4000 USD", "provider 4000", "sales -4000"};
    CHECK(booked(told_by_stripe({reserved, captured, refund("re_1", 5900)})) == untouched);
    CHECK(booked(told_by_stripe({reserved, refund("re_1", 5900), counted(4000, 5900, 0), captured})) ==
          untouched);
    CHECK(booked(told_by_stripe({{"payment_intent.succeeded", intent(4000)}, refund("re_1", 5900)})) ==
          untouched);
    const Texts partly{"partly_refunded 4000 USD", "provider 3000", "refunds 1000", "sales -4000"};
    CHECK(booked(told_by_stripe({reserved, captured, counted(4000, 6900, 5900)})) == partly);
    CHECK(booked(told_by_stripe({captured, refund("re_1", 5900), refund("re_2", 1000)})) == partly);
    CHECK(booked(told_by_stripe({{"payment_intent.succeeded", intent(4000)},
                                 captured,
                                 counted(4000, 5900, 0),
                                 refund("re_1", 5900),
                                 refund("re_2", 1000),
                                 counted(4000, 6900, 5900)})) == partly);
}

TEST_CASE(
    "stripe: what an older version's capture leaves over is not given back where newer events count it") {
    const auto told = [](const std::vector<Hook>& all) {
        return booked(told_by_stripe(all, "2025-03-31.basil"));
    };
    const Hook taken{"charge.captured", charge(9000, 900)};
    const Hook left = counted(9000, 900, 0);
    const Hook of_left = refund("re_1", 900);
    const Texts untouched{"succeeded 9000 USD", "provider 9000", "sales -9000"};
    CHECK(told({taken, left, of_left}) == untouched);
    CHECK(told({of_left, taken, left}) == untouched);
    CHECK(told({left, of_left, taken}) == untouched);
    const Texts partly{"partly_refunded 9000 USD", "provider 8000", "refunds 1000", "sales -9000"};
    CHECK(told({taken, left, of_left, counted(9000, 1900, 900), refund("re_2", 1000)}) == partly);
}

TEST_CASE("stripe: what is cancelled before its capture is neither given back nor odd") {
    const Texts cancelled{"cancelled 9900 USD"};
    const Hook canceled{"payment_intent.canceled", intent(0)};
    CHECK(booked(told_by_stripe({reserved, counted(0, 9900, 0), refund("re_1", 9900)})) == cancelled);
    CHECK(booked(told_by_stripe({reserved, refund("re_1", 9900), canceled})) == cancelled);
    CHECK(booked(told_by_stripe({reserved,
                                 counted(0, 9900, 0),
                                 refund("re_1", 9900, "expired_uncaptured_charge"),
                                 {"charge.expired", charge(0, 9900)},
                                 canceled})) == cancelled);
}
