// A payment of which very much is told.
#include <ctime>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "billing/payment.hpp"

using namespace tollgate;
using billing::FactKind;
using billing::PaymentFact;

namespace {

PaymentFact told(FactKind kind, int second, std::int64_t minor, std::string object) {
    return {.event = make_uuid_v7(),
            .kind = kind,
            .object = std::move(object),
            .payment_id = "pi_1",
            .at = Timestamp{std::chrono::seconds{1'790'000'000 + second}},
            .amount = archive::Amount{.minor = minor, .currency = "EUR"}};
}

billing::Payment payment_in_one_go(const std::vector<PaymentFact>& facts) {
    const std::clock_t before = std::clock();
    billing::Payment payment = billing::payment_of(facts);
    // Of the processor's time, with all checks on: were each fact to look at all others, it would be more.
    CHECK((std::clock() - before) / CLOCKS_PER_SEC < 10);
    return payment;
}

}  // namespace

TEST_CASE("a payment with many disputes is reckoned in one go") {
    std::vector<PaymentFact> facts{told(FactKind::captured, 0, 1'000'000, "")};
    for (int i = 0; i < 30'000; ++i)
        facts.push_back(told(FactKind::dispute_opened, i + 1, 10, fmt::format("du_{}", i)));
    CHECK(payment_in_one_go(facts).disputed == 300'000);
}

TEST_CASE("a payment of many charges that each let some go is reckoned in one go") {
    std::vector<PaymentFact> facts;
    for (int i = 0; i < 60'000; ++i) {
        PaymentFact charge = told(FactKind::captured, i, 1'000, "");
        charge.payment_id.clear();
        charge.charge_id = fmt::format("ch_{}", i);
        charge.released = 400;
        PaymentFact refund = told(FactKind::refund, i, 400, fmt::format("re_{}", i));
        refund.payment_id.clear();
        refund.charge_id = charge.charge_id;
        facts.push_back(std::move(charge));
        facts.push_back(std::move(refund));
    }
    CHECK(payment_in_one_go(facts).refunded == 0);
}

TEST_CASE("a payment with many refunds that failed is reckoned in one go") {
    std::vector<PaymentFact> facts{told(FactKind::captured, 0, 1'000'000'000'000, "")};
    for (int i = 0; i < 60'000; ++i) {
        // What the payment says of itself names no refund: it is known by its amount.
        PaymentFact said = told(FactKind::refund, i + 1, i + 1, fmt::format("said_{}", i));
        said.refunded = 1;
        facts.push_back(std::move(said));
        facts.push_back(told(FactKind::refund_failed, i + 1, 60'000 - i, fmt::format("re_{}", i)));
    }
    CHECK(payment_in_one_go(facts).refunded == 0);
}
