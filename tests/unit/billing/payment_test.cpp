#include "billing/payment.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

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

struct Says {
    FactKind kind;
    int minute = 0;
    std::int64_t minor = 0;
    std::string object{};
    std::string payment = "pi_1";
    std::string charge{};
    std::string currency = "EUR";
    std::optional<std::int64_t> refunded{};
};

PaymentFact fact(const Says& says) {
    PaymentFact made{.event = make_uuid_v7(),
                     .kind = says.kind,
                     .object = says.object,
                     .payment_id = says.payment,
                     .charge_id = says.charge,
                     .at = noon + std::chrono::minutes{says.minute},
                     .refunded = says.refunded};
    if (says.minor != 0) made.amount = {.minor = says.minor, .currency = says.currency};
    return made;
}

// Whatever order they come in, and however often, the payment is the same one.
Payment after(const std::vector<Says>& life) {
    std::vector<PaymentFact> facts;
    for (const Says& each : life) facts.push_back(fact(each));
    std::ranges::sort(facts, {}, &PaymentFact::event);
    const Payment first = payment_of(facts);
    int orders = 0;
    do {
        const Payment other = payment_of(facts);
        REQUIRE(other.status == first.status);
        REQUIRE(bookings_of(other) == bookings_of(first));
        REQUIRE(other.paid_at == first.paid_at);
        REQUIRE(other.refunded_at == first.refunded_at);
        REQUIRE(other.oddity == first.oddity);
        std::vector<PaymentFact> doubled = facts;
        for (PaymentFact again : facts) {
            again.event = make_uuid_v7();
            doubled.push_back(std::move(again));
        }
        REQUIRE(bookings_of(payment_of(doubled)) == bookings_of(first));
    } while (++orders < 200 && std::ranges::next_permutation(facts, {}, &PaymentFact::event).found);
    return first;
}

std::int64_t booked(const Payment& payment, Booking booking, const std::string& currency = "EUR") {
    const auto all = bookings_of(payment);
    const auto found = all.find({.booking = booking, .currency = currency});
    return found == all.end() ? 0 : found->second;
}

}  // namespace

TEST_CASE("a payment stands where the last that was said of it leaves it") {
    CHECK(after({{FactKind::pending, 0, 500}}).status == Status::pending);
    CHECK(after({{FactKind::pending, 0, 500}, {FactKind::authorised, 1, 500}}).status == Status::authorised);
    const Payment failed = after({{FactKind::authorised, 1, 500}, {FactKind::failed, 2, 500}});
    CHECK(failed.status == Status::failed);
    CHECK(failed.amount == 500);
    CHECK(bookings_of(failed).empty());
    CHECK(after({{FactKind::failed, 1, 500}, {FactKind::cancelled, 2}}).status == Status::cancelled);
    // Money that has come is not taken away by an older failure, nor by a newer one of a sibling.
    const Payment paid =
        after({{FactKind::failed, 1, 500}, {FactKind::captured, 2, 500}, {FactKind::failed, 3, 500}});
    CHECK(paid.status == Status::succeeded);
    CHECK(paid.paid_at == noon + std::chrono::minutes{2});
    CHECK(booked(paid, Booking::capture) == 500);
}

TEST_CASE("an invoice, its intent and its charge are one payment, and are booked once") {
    const Payment paid = after({{FactKind::settled, 3, 1200, "", ""},
                                {FactKind::captured, 1, 1200, "", "pi_1"},
                                {FactKind::captured, 2, 1200, "", "pi_1", "ch_1"}});
    CHECK(booked(paid, Booking::capture) == 1200);
    // A charge that names no intent is joined to it by whoever names both.
    CHECK(booked(after({{FactKind::captured, 1, 700, "", "", "ch_1"},
                        {FactKind::captured, 2, 700, "", "pi_1", "ch_1"},
                        {FactKind::captured, 3, 700, "", "pi_1"}}),
                 Booking::capture) == 700);
    // An invoice that two payments have paid.
    CHECK(booked(after({{FactKind::settled, 3, 1000, "", ""},
                        {FactKind::captured, 1, 400, "", "pi_1"},
                        {FactKind::captured, 2, 600, "", "pi_2"}}),
                 Booking::capture) == 1000);
    // Where nothing but the invoice tells of it.
    CHECK(booked(after({{FactKind::settled, 3, 1000, "", ""}, {FactKind::settled, 4, 1000, "", ""}}),
                 Booking::capture) == 1000);
}

TEST_CASE("refunds add up, each once, whether they are told one by one or in all") {
    const Payment partly =
        after({{FactKind::captured, 0, 1000},
               {FactKind::refund, 1, 300, "re_1"},
               {FactKind::refund, 2, 200, "re_2"},
               {.kind = FactKind::refund, .minute = 3, .minor = 200, .object = "ch_1", .refunded = 500}});
    CHECK(partly.status == Status::partly_refunded);
    CHECK(booked(partly, Booking::refund) == 500);
    CHECK(partly.refunded_at == noon + std::chrono::minutes{3});
    const Payment whole = after({{FactKind::captured, 0, 1000}, {FactKind::refund, 1, 1000, "re_1"}});
    CHECK(whole.status == Status::refunded);
    const Payment failed = after({{FactKind::captured, 0, 1000},
                                  {FactKind::refund, 1, 300, "re_1"},
                                  {FactKind::refund_failed, 2, 300, "re_1"}});
    CHECK(failed.status == Status::succeeded);
    CHECK(bookings_of(failed).size() == 1);
    CHECK_FALSE(failed.refunded_at);
}

TEST_CASE("what cannot be is said, and nothing is booked that was not paid") {
    const Payment beyond = after({{FactKind::captured, 0, 1000}, {FactKind::refund, 1, 1500, "re_1"}});
    CHECK(beyond.status == Status::refunded);
    CHECK(booked(beyond, Booking::refund) == 1000);
    CHECK(beyond.oddity == "more was given back than was paid");
    const Payment unseen = after({{FactKind::refund, 1, 500, "re_1"}});
    CHECK(bookings_of(unseen).empty());
    CHECK(unseen.oddity == "a refund of what was never seen to be paid");
    const Payment unsized = after({{FactKind::captured, 0}});
    CHECK(unsized.status == Status::succeeded);
    CHECK(bookings_of(unsized).empty());
    CHECK(unsized.oddity == "money has come, and nobody says how much");
    const std::string no_money = "what is said to have come is no amount of money, and is not booked";
    for (const std::int64_t minor : {std::int64_t{-500}, (std::int64_t{1} << 53U) + 1}) {
        const Payment odd = after({{FactKind::captured, 0, minor}});
        CHECK(odd.status == Status::succeeded);
        CHECK(bookings_of(odd).empty());
        CHECK(odd.oddity == no_money);
    }
    // In another currency than the payment's.
    const Payment mixed =
        after({{FactKind::captured, 0, 1000},
               {.kind = FactKind::refund, .minute = 1, .minor = 500, .object = "re_1", .currency = "JPY"}});
    CHECK(booked(mixed, Booking::refund) == 0);
}

TEST_CASE("a dispute takes the money away until it is won") {
    const Says paid{FactKind::captured, 0, 1000};
    const Payment open = after({paid, {FactKind::dispute_opened, 1, 1000, "du_1"}});
    CHECK(open.status == Status::disputed);
    CHECK(booked(open, Booking::dispute) == 1000);
    CHECK(booked(open, Booking::dispute_loss) == 0);
    const Payment won =
        after({paid, {FactKind::dispute_opened, 3, 1000, "du_1"}, {FactKind::dispute_won, 2, 0, "du_1"}});
    CHECK(won.status == Status::won);
    CHECK(booked(won, Booking::dispute) == 0);
    const Payment lost =
        after({paid, {FactKind::dispute_opened, 1, 1000, "du_1"}, {FactKind::dispute_lost, 2, 0, "du_1"}});
    CHECK(lost.status == Status::lost);
    CHECK(booked(lost, Booking::dispute) == 1000);
    CHECK(booked(lost, Booking::dispute_loss) == 1000);
}

TEST_CASE("a payout is no payment") {
    const Payment out = after({{FactKind::payout, 1, 9000, "po_1", ""}});
    CHECK(out.is_payout);
    CHECK(booked(out, Booking::payout) == 9000);
    const Payment back =
        after({{FactKind::payout, 1, 9000, "po_1", ""}, {FactKind::payout_failed, 2, 9000, "po_1", ""}});
    CHECK(back.status == Status::failed);
    CHECK(bookings_of(back).empty());
}
