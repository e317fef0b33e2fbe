// Money of which nobody says how much it was is told as that, and never booked as nothing or as something.
#include <algorithm>

#include <catch2/catch.hpp>

#include "billing/payment.hpp"

using namespace tollgate;
using billing::Booking;
using billing::bookings_of;
using billing::FactKind;
using billing::Payment;
using billing::payment_of;
using billing::PaymentFact;
using billing::Status;

namespace {

const Timestamp noon{std::chrono::seconds{1'790'000'000}};

// Each a minute after the one before it.
Payment after(std::vector<PaymentFact> facts) {
    for (std::size_t i = 0; i < facts.size(); ++i) {
        facts[i].event = make_uuid_v7();
        facts[i].at = noon + std::chrono::minutes{i};
    }
    std::ranges::reverse(facts);
    return payment_of(facts);
}

PaymentFact says(FactKind kind, std::int64_t minor = 0, const std::string& object = "") {
    PaymentFact fact{.event = {}, .kind = kind, .object = object, .payment_id = "pi_1", .at = {}};
    if (minor != 0) fact.amount = {.minor = minor, .currency = "GBP"};
    return fact;
}

}  // namespace

TEST_CASE("a payment of no known amount is booked with none, and so is what goes back of it") {
    const Payment paid = after({says(FactKind::captured)});
    CHECK(paid.status == Status::succeeded);
    CHECK_FALSE(paid.amount);
    CHECK(bookings_of(paid).empty());
    CHECK(paid.oddity == "money has come, and nobody says how much");
    const Payment refunded = after({says(FactKind::captured), says(FactKind::refund, 500, "re_1")});
    CHECK(bookings_of(refunded).empty());
    CHECK(refunded.oddity == "money has come, and nobody says how much; what went back of it is not booked");
    const Payment lost = after({says(FactKind::captured), says(FactKind::dispute_lost, 500, "du_1")});
    CHECK(lost.status == Status::lost);
    CHECK(bookings_of(lost).empty());
    CHECK(lost.oddity == "money has come, and nobody says how much; what is disputed of it is not booked");
}

TEST_CASE("a refund of no known amount is told, until the payment says what went back in all") {
    const Payment back = after({says(FactKind::captured, 1000), says(FactKind::refund, 0, "re_1")});
    CHECK(bookings_of(back).size() == 1);
    CHECK(back.oddity == "money went back, and nobody says how much");
    PaymentFact in_all = says(FactKind::refund, 400, "pi_1");
    in_all.refunded = 400;
    const Payment known = after({says(FactKind::captured, 1000), says(FactKind::refund, 0, "re_1"), in_all});
    CHECK(bookings_of(known).at({.booking = Booking::refund, .currency = "GBP"}) == 400);
    CHECK(known.oddity.empty());
}

TEST_CASE("a payout of no known amount is told, and not booked") {
    const Payment payout = after({says(FactKind::payout, 0, "po_1")});
    CHECK(payout.status == Status::succeeded);
    CHECK(bookings_of(payout).empty());
    CHECK(payout.oddity == "money has gone to the bank, and nobody says how much");
    CHECK(after({says(FactKind::payout, 900, "po_1")}).oddity.empty());
    CHECK(after({says(FactKind::payout_failed, 0, "po_1")}).oddity.empty());
}
