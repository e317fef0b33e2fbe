#include "billing/payment.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <fmt/format.h>

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
    std::string invoice{};
    std::int64_t fee = 0;
};

PaymentFact fact(const Says& says) {
    PaymentFact made{.event = make_uuid_v7(),
                     .kind = says.kind,
                     .object = says.object,
                     .payment_id = says.payment,
                     .charge_id = says.charge,
                     .invoice = says.invoice,
                     .at = noon + std::chrono::minutes{says.minute},
                     .refunded = says.refunded};
    if (says.fee != 0) made.fee = says.fee;
    if (says.minor != 0) made.amount = {.minor = says.minor, .currency = says.currency};
    return made;
}

// Whatever order they come in, and however often, the payment is the same one.
Payment after(const std::vector<Says>& life) {
    std::vector<PaymentFact> facts;
    for (const Says& each : life) {
        facts.push_back(fact(each));
        facts.back().provider_event = fmt::format("evt_{:03}", facts.size());
    }
    const Payment first = payment_of(facts);
    int orders = 0;
    do {
        // Each event has an id of ours that is later than those of the events before it.
        for (PaymentFact& each : facts) each.event = make_uuid_v7();
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
    } while (++orders < 200 && std::ranges::next_permutation(facts, {}, &PaymentFact::provider_event).found);
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

TEST_CASE("a refund that fails takes nothing from those that did not") {
    const auto given_back = [](std::vector<Says> life) {
        life.insert(life.begin(), {FactKind::captured, 0, 1000});
        return booked(after(life), Booking::refund);
    };
    const auto in_all = [](int minute, std::int64_t minor, const std::string& object, std::int64_t all) {
        return Says{
            .kind = FactKind::refund, .minute = minute, .minor = minor, .object = object, .refunded = all};
    };
    const Says failed{FactKind::refund_failed, 9, 200, "re_2"};
    // Each names itself, and says beside that what the payment has given back by then: without the other, and
    // with.
    CHECK(given_back({in_all(1, 300, "re_1", 300), failed}) == 300);
    CHECK(given_back({in_all(1, 300, "re_1", 500), failed}) == 300);
    CHECK(given_back({in_all(1, 300, "re_1", 300), in_all(2, 200, "re_2", 500), failed}) == 300);
    // The charge alone says it, and names no refund.
    CHECK(given_back({in_all(1, 300, "ch_1", 300), in_all(2, 200, "ch_1", 500), failed}) == 300);
    CHECK(given_back({in_all(1, 300, "ch_1", 300), failed}) == 300);
    // It says it again when one has failed.
    CHECK(given_back({in_all(1, 200, "ch_1", 200),
                      {FactKind::refund_failed, 2, 200, "re_1"},
                      in_all(3, 300, "ch_1", 300)}) == 300);
    CHECK(given_back({{FactKind::refund, 1, 300, "re_1"}, {FactKind::refund, 2, 200, "re_2"}, failed}) ==
          300);
}

TEST_CASE("what has come is taken back when it is said to be gone again, unless it comes anew") {
    const Says paid{FactKind::captured, 1, 1000};
    const Says gone{FactKind::taken_back, 2, 1000};
    const Payment back = after({paid, gone});
    CHECK(back.status == Status::failed);
    CHECK(bookings_of(back).empty());
    CHECK_FALSE(back.paid_at);
    CHECK(back.amount == 1000);
    // At the same moment the money is gone as well; nobody says how much, so all of it is.
    CHECK(after({{FactKind::captured, 1, 1000}, {FactKind::taken_back, 1, 1000}}).status == Status::failed);
    CHECK(after({{FactKind::captured, 1}, {FactKind::taken_back, 2}}).status == Status::failed);
    // It had failed before it came.
    CHECK(booked(after({{FactKind::taken_back, 0, 1000}, paid}), Booking::capture) == 1000);
    CHECK(booked(after({paid, gone, {FactKind::captured, 3, 1000}}), Booking::capture) == 1000);
    // A part of it, and what was taken twice.
    CHECK(
        booked(after({paid, {FactKind::taken_back, 2, 300, "rv_1"}, {FactKind::taken_back, 3, 200, "rv_2"}}),
               Booking::capture) == 500);
    // A dispute is of the same money, and says how it ends.
    const Payment lost = after({paid, gone, {FactKind::dispute_lost, 3, 1000, "du_1"}});
    CHECK(lost.status == Status::lost);
    CHECK(booked(lost, Booking::capture) == 1000);
    CHECK(booked(lost, Booking::dispute_loss) == 1000);
}

TEST_CASE("an invoice that is paid by other means brings the provider nothing") {
    const Payment cash =
        after({{.kind = FactKind::elsewhere, .minute = 1, .minor = 500, .payment = "", .invoice = "in_1"}});
    CHECK(cash.status == Status::succeeded);
    CHECK(cash.amount == 500);
    CHECK(bookings_of(cash).empty());
    // The invoice does not say so, and what was recorded of it does.
    const Says invoice{
        .kind = FactKind::settled, .minute = 1, .minor = 500, .payment = "", .invoice = "in_1"};
    const auto recorded = [](std::int64_t minor) {
        return Says{.kind = FactKind::elsewhere,
                    .minute = 2,
                    .minor = minor,
                    .object = "inpay_1",
                    .payment = "",
                    .invoice = "in_1"};
    };
    CHECK(after({invoice, recorded(500)}).status == Status::succeeded);
    CHECK(bookings_of(after({invoice, recorded(500)})).empty());
    CHECK(booked(after({invoice, recorded(200)}), Booking::capture) == 300);
}

TEST_CASE("a payment that pays several invoices is booked once, and so are they without it") {
    const auto invoice = [](std::int64_t minor, const std::string& id) {
        return Says{
            .kind = FactKind::settled, .minute = 2, .minor = minor, .payment = "txn_1", .invoice = id};
    };
    const Says paid{.kind = FactKind::captured, .minute = 1, .minor = 1000, .payment = "txn_1"};
    CHECK(booked(after({paid, invoice(600, "1"), invoice(400, "2")}), Booking::capture) == 1000);
    CHECK(booked(after({invoice(600, "1"), invoice(400, "2")}), Booking::capture) == 1000);
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
    CHECK(mixed.oddity == "money went back in another currency than it came in, and is not booked");
    const Payment twice = after({{FactKind::captured, 0, 900},
                                 {FactKind::refund, 1, 400, "re_1"},
                                 {FactKind::dispute_lost, 2, 900, "du_1"}});
    CHECK(twice.oddity == "more was given back and disputed than was paid");
}

TEST_CASE("of two that are told for one moment, what comes later in a life is later") {
    CHECK(after({{FactKind::failed, 1, 500}, {FactKind::pending, 1, 500}}).status == Status::failed);
    CHECK(after({{FactKind::cancelled, 1, 500}, {FactKind::authorised, 1, 500}}).status == Status::cancelled);
    CHECK(bookings_of(after({{FactKind::payout_failed, 1, 9000, "po_1", ""},
                             {FactKind::payout, 1, 9000, "po_1", ""}}))
              .empty());
    // Of two of a kind the provider's ids of the events decide.
    CHECK(after({{FactKind::failed, 1, 500}, {FactKind::failed, 1, 700}}).amount == 700);
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
    // A bank asks, and no money has moved.
    const Payment asked = after({paid, {FactKind::dispute_opened, 1, 0, "du_1"}});
    CHECK(asked.status == Status::disputed);
    CHECK(booked(asked, Booking::dispute) == 0);
    // What a dispute costs is beside the payment's own fee.
    const Payment dear = after(
        {{.kind = FactKind::captured, .minute = 0, .minor = 1000, .fee = 300},
         {.kind = FactKind::dispute_opened, .minute = 1, .minor = 1000, .object = "du_1", .fee = 1500}});
    CHECK(booked(dear, Booking::fee) == 1800);
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
