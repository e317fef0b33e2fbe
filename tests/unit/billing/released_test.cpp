// What was reserved and let go, and its provider tells as a refund.
#include <algorithm>
#include <array>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "billing/payment.hpp"

using namespace tollgate;
using billing::FactKind;
using billing::Payment;
using billing::PaymentFact;
using billing::Status;

namespace {

const Timestamp noon{std::chrono::seconds{1'790'000'000}};

PaymentFact fact(FactKind kind, int minute, std::int64_t minor, std::int64_t released = 0) {
    return {.event = make_uuid_v7(),
            .kind = kind,
            .payment_id = "pi_1",
            .charge_id = "ch_1",
            .at = noon + std::chrono::minutes{minute},
            .amount = archive::Amount{.minor = minor, .currency = "EUR"},
            .released = released > 0 ? std::optional{released} : std::nullopt,
            .provider_event = fmt::format("evt_{}", minute)};
}

PaymentFact refund(std::string id, int minute, std::int64_t minor) {
    PaymentFact made = fact(FactKind::refund, minute, minor);
    made.object = std::move(id);
    return made;
}

// The same in every order.
Payment after(std::vector<PaymentFact> facts) {
    std::ranges::sort(facts, {}, &PaymentFact::provider_event);
    const Payment first = billing::payment_of(facts);
    while (std::ranges::next_permutation(facts, {}, &PaymentFact::provider_event).found) {
        for (PaymentFact& each : facts) each.event = make_uuid_v7();
        const Payment other = billing::payment_of(facts);
        REQUIRE(other.refunded == first.refunded);
        REQUIRE(other.refunded_at == first.refunded_at);
        REQUIRE(other.status == first.status);
        REQUIRE(other.oddity == first.oddity);
    }
    return first;
}

}  // namespace

TEST_CASE("a refund of what was let go is none, and only that") {
    const PaymentFact paid = fact(FactKind::captured, 1, 4000, 5900);
    const Payment untouched = after({paid, refund("re_1", 0, 5900)});
    CHECK(untouched.status == Status::succeeded);
    CHECK(untouched.refunded == 0);
    CHECK_FALSE(untouched.refunded_at);
    CHECK(untouched.oddity.empty());
    CHECK(after({paid, refund("re_1", 2, 1000)}).refunded == 1000);
    CHECK(after({paid, refund("re_1", 0, 5900), refund("re_2", 2, 1000), refund("re_3", 3, 500)}).refunded ==
          1500);
    // Of two alike one is money, and it is the later.
    const PaymentFact half = fact(FactKind::captured, 1, 5000, 5000);
    const Payment back = after({half, refund("re_2", 0, 5000), refund("re_1", 9, 5000)});
    CHECK(back.refunded == 5000);
    CHECK(back.status == Status::refunded);
    CHECK(back.refunded_at == noon + std::chrono::minutes{9});
    CHECK(back.oddity.empty());
    // Another payment's of the same invoice.
    PaymentFact of_other = refund("re_1", 2, 5900);
    of_other.payment_id = "pi_2";
    of_other.charge_id = "ch_2";
    CHECK(after({paid, of_other}).oddity == "more was given back than was paid");
}

TEST_CASE("what several events of a payment say was let go is one refund, whichever comes first") {
    std::array minutes{1, 2, 3};
    do {
        INFO("minutes " << minutes[0] << minutes[1] << minutes[2]);
        PaymentFact intent = fact(FactKind::captured, minutes[0], 5000, 5000);
        intent.charge_id.clear();
        PaymentFact charge = fact(FactKind::captured, minutes[1], 5000, 5000);
        charge.payment_id.clear();
        const PaymentFact both = fact(FactKind::captured, minutes[2], 5000, 5000);
        CHECK(after({intent, charge, both, refund("re_1", 4, 5000), refund("re_2", 5, 5000)}).refunded ==
              5000);
        // Nobody but a refund need say that they are one.
        PaymentFact of_intent = refund("re_1", 4, 5000);
        of_intent.charge_id.clear();
        CHECK(after({intent, charge, of_intent, refund("re_2", 5, 5000)}).refunded == 5000);
    } while (std::ranges::next_permutation(minutes).found);
}

TEST_CASE("what the capture has counted as let go is given back by nobody, whatever later events count") {
    const auto capture = [](int minute) {
        PaymentFact made = fact(FactKind::captured, minute, 9000, 900);
        made.refunded = 0;
        return made;
    };
    // In all by then, and what of it is new.
    const auto counted = [](int minute, std::int64_t all, std::int64_t minor) {
        PaymentFact made = refund("ch_1", minute, minor);
        made.refunded = all;
        return made;
    };
    std::array minutes{1, 2, 3};
    do {
        INFO("minutes " << minutes[0] << minutes[1] << minutes[2]);
        const PaymentFact captured = capture(minutes[0]);
        const PaymentFact left = counted(minutes[1], 900, 900);
        const PaymentFact of_left = refund("re_1", minutes[2], 900);
        const Payment untouched = after({captured, left, of_left});
        CHECK(untouched.status == Status::succeeded);
        CHECK(untouched.refunded == 0);
        CHECK_FALSE(untouched.refunded_at);
        CHECK(untouched.oddity.empty());
        CHECK(after({captured, left}).refunded == 0);
        CHECK(after({captured, left, of_left, counted(4, 1900, 1000)}).refunded == 1000);
        CHECK(after({captured, left, of_left, refund("re_2", 4, 1000)}).refunded == 1000);
        PaymentFact failed = fact(FactKind::refund_failed, 6, 1000);
        failed.object = "re_2";
        CHECK(after({captured, left, counted(4, 1900, 1000), refund("re_2", 5, 1000), failed}).refunded == 0);
    } while (std::ranges::next_permutation(minutes).found);
    // Of another payment of the same invoice, and where the capture itself does not say so.
    PaymentFact of_other = counted(2, 900, 900);
    of_other.payment_id = "pi_2";
    of_other.charge_id = "ch_2";
    PaymentFact other = fact(FactKind::captured, 1, 2000);
    other.payment_id = "pi_2";
    other.charge_id = "ch_2";
    CHECK(after({capture(0), other, of_other}).refunded == 900);
    CHECK(after({fact(FactKind::captured, 1, 9000, 900), counted(2, 1900, 1900)}).refunded == 1900);
}

TEST_CASE("a refund of what was cancelled before its capture is not odd") {
    const Payment cancelled = after({fact(FactKind::authorised, 0, 9900),
                                     fact(FactKind::cancelled, 1, 9900, 9900), refund("re_1", 2, 9900)});
    CHECK(cancelled.status == Status::cancelled);
    CHECK(cancelled.refunded == 0);
    CHECK(cancelled.oddity.empty());
    CHECK(after({fact(FactKind::cancelled, 1, 9900, 9900), refund("re_1", 2, 300)}).oddity ==
          "a refund of what was never seen to be paid");
}
