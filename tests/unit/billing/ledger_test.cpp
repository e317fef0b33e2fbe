#include "billing/ledger.hpp"

#include <array>
#include <set>

#include <catch2/catch.hpp>

using namespace tollgate::billing;

namespace {

const BookingKey capture{.booking = Booking::capture, .currency = "EUR"};
const BookingKey refund{.booking = Booking::refund, .currency = "EUR"};
const BookingKey in_yen{.booking = Booking::capture, .currency = "JPY"};

}  // namespace

TEST_CASE("what stands already is not booked again") {
    CHECK(difference({{capture, 500}}, {{capture, {.minor = 500, .revision = 1}}}).empty());
    CHECK(difference({}, {}).empty());
    CHECK(difference({{capture, 500}}, {}) ==
          std::vector<Entry>{{.key = capture, .revision = 1, .minor = 500}});
}

TEST_CASE("a correction books the difference, under the next number") {
    CHECK(difference({{capture, 500}, {refund, 300}}, {{capture, {500, 1}}, {refund, {200, 1}}}) ==
          std::vector<Entry>{{.key = refund, .revision = 2, .minor = 100}});
    CHECK(difference({{refund, 200}}, {{refund, {300, 4}}}) ==
          std::vector<Entry>{{.key = refund, .revision = 5, .takes_back = true, .minor = 100}});
    // What no longer is, and what is in another currency by now.
    CHECK(difference({{in_yen, 500}}, {{capture, {500, 1}}}) ==
          std::vector<Entry>{{.key = in_yen, .revision = 1, .minor = 500},
                             {.key = capture, .revision = 2, .takes_back = true, .minor = 500}});
    CHECK(difference({}, {{capture, {0, 2}}}).empty());
}

TEST_CASE("each booking moves money between two accounts") {
    for (const Booking booking : {Booking::capture, Booking::fee, Booking::refund, Booking::dispute,
                                  Booking::dispute_loss, Booking::payout}) {
        const Accounts accounts = accounts_of(booking);
        CHECK(accounts.debit != accounts.credit);
    }
}
