// A payment of which very much is told.
#include <ctime>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "billing/payment.hpp"

using namespace tollgate;
using billing::FactKind;
using billing::PaymentFact;

TEST_CASE("a payment with many disputes is reckoned in one go") {
    const auto told = [](FactKind kind, int second, std::int64_t minor, std::string object) {
        return PaymentFact{.event = make_uuid_v7(),
                           .kind = kind,
                           .object = std::move(object),
                           .payment_id = "pi_1",
                           .at = Timestamp{std::chrono::seconds{1'790'000'000 + second}},
                           .amount = archive::Amount{.minor = minor, .currency = "EUR"}};
    };
    std::vector<PaymentFact> facts{told(FactKind::captured, 0, 1'000'000, "")};
    for (int i = 0; i < 30'000; ++i)
        facts.push_back(told(FactKind::dispute_opened, i + 1, 10, fmt::format("du_{}", i)));
    const std::clock_t before = std::clock();
    const auto payment = billing::payment_of(facts);
    // Of the processor's time, with all checks on: were each dispute to look at all facts, it would be more.
    CHECK((std::clock() - before) / CLOCKS_PER_SEC < 10);
    CHECK(payment.disputed == 300'000);
}
