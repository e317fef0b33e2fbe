// What payment events carry of their customer's history.
#include <catch2/catch.hpp>

#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

constexpr std::int64_t begin = 1'790'000'000;

}  // namespace

TEST_CASE("a payment event carries the history and what follows from it") {
    EnrichmentByJournal world;
    const auto process = world.start();
    const auto event = [](const std::string& type, const std::string& members, std::int64_t created) {
        return raw_event(type, fmt::format(R"({{"object": "event", "created": {}, "data": {{"object": {{
                                  "customer": "cus_7", "currency": "usd", {}}}}}}})",
                                           created, members));
    };
    const archive::Event paid =
        event("payment_intent.succeeded", R"("id": "pi_1", "amount_received": 500)", begin);
    const archive::Event failed =
        event("payment_intent.payment_failed", R"("id": "pi_2", "amount": 700)", begin + 60);
    const archive::Event again =
        event("payment_intent.succeeded", R"("id": "pi_2", "amount_received": 700)", begin + 120);
    world.pipeline().put({paid, failed, again});
    REQUIRE(world.payments(3).size() == 3);
    CHECK(world.payment(paid.id)->history().payments() == 0);
    CHECK(world.payment(paid.id)->priority() == v1::PRIORITY_INFORMATION);
    CHECK(world.payment(failed.id)->history().payments() == 1);
    CHECK(world.payment(failed.id)->history().lifetime_paid().minor() == 500);
    CHECK(world.payment(failed.id)->priority() == v1::PRIORITY_TODAY);
    CHECK(world.payment(again.id)->history().failures() == 1);
    // A redo tells the same once.
    world.redo({paid.id, again.id});
    REQUIRE(comes_true([&] { return world.count("journal.entry where topic = 'payment'") == 5; }));
    CHECK(world.count("enrichment.fact where kind = 'payment'") == 2);
    CHECK(world.payment(again.id)->history().payments() == 1);
}

TEST_CASE(
    "an invoice and its payment are one payment to those who are told of them, and names are remembered") {
    EnrichmentByJournal world;
    const auto process = world.start();
    const auto event = [](const std::string& type, const std::string& members, std::int64_t created) {
        return raw_event(type, fmt::format(R"({{"object": "event", "created": {}, "data": {{"object": {{
                                  "currency": "usd", {}}}}}}})",
                                           created, members));
    };
    constexpr std::int64_t month = 30 * 86'400;
    const auto created =
        event("customer.created", R"("id": "cus_8", "name": "Ada", "email": "ada@acme.org")", begin);
    const auto first =
        event("invoice.paid", R"("id": "in_1", "customer": "cus_8", "amount_paid": 9900)", begin + 10);
    const auto charge = event("payment_intent.succeeded",
                              R"("id": "pi_1", "customer": "cus_8", "amount_received": 9900)", begin + 9);
    const auto second =
        event("invoice.paid", R"("id": "in_2", "customer": "cus_8", "amount_paid": 9900)", begin + month);
    const auto trial = event("customer.subscription.trial_will_end", R"("id": "sub_1", "customer": "cus_8")",
                             begin + month + 1);
    world.pipeline().put({created, first, charge, second, trial});
    REQUIRE(world.payments(5).size() == 5);
    CHECK(world.payment(first.id)->history().payments() == 0);
    CHECK(world.payment(charge.id)->history().payments() == 0);
    CHECK(world.payment(second.id)->history().payments() == 1);
    CHECK(world.payment(second.id)->history().lifetime_paid().minor() == 9900);
    CHECK(world.payment(trial.id)->customer().name() == "Ada");
    CHECK(world.payment(trial.id)->customer().email() == "ada@acme.org");
    // An older telling that comes later changes nothing.
    const auto older =
        event("customer.updated", R"("id": "cus_8", "name": "A.", "email": "a@acme.org")", begin - 1);
    const auto renamed =
        event("customer.updated", R"("id": "cus_8", "name": "Ada L.", "email": "ada@acme.org")", begin + 5);
    world.pipeline().put({renamed});
    REQUIRE(world.payments(6).size() >= 6);
    world.pipeline().put({older});
    REQUIRE(world.payments(7).size() >= 7);
    const auto ended =
        event("customer.subscription.deleted", R"("id": "sub_1", "customer": "cus_8")", begin + month + 2);
    world.pipeline().put({ended});
    REQUIRE(world.payments(8).size() >= 8);
    CHECK(world.payment(ended.id)->customer().name() == "Ada L.");
}
