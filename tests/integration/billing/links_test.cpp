// An invoice and its payment that may not name each other: whichever of their events a source is sent, and in
// whatever order, the money is booked once.
#include <algorithm>
#include <bit>

#include <catch2/catch.hpp>

#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using events::PaymentEvent;

namespace {

using Life = std::vector<PaymentEvent>;
using Texts = std::vector<std::string>;

PaymentEvent event(v1::Fact fact, std::int64_t second, std::int64_t minor = 5000) {
    PaymentEvent made;
    made.set_fact(fact);
    made.set_provider("stripe");
    made.set_provider_event_id(fmt::format("evt_{}", second));
    made.mutable_provider_time()->set_seconds(1'790'000'000 + second);
    made.mutable_amount()->set_minor(minor);
    made.mutable_amount()->set_currency("EUR");
    return made;
}

PaymentEvent of_customer(PaymentEvent made) {
    made.mutable_customer()->set_id("cus_1");
    return made;
}

PaymentEvent invoice(std::int64_t second, const std::string& id = "in_1") {
    PaymentEvent made = of_customer(event(v1::FACT_INVOICE_PAID, second));
    made.mutable_references()->set_invoice_id(id);
    return made;
}

PaymentEvent charge(std::int64_t second) {
    PaymentEvent made = of_customer(event(v1::FACT_PAYMENT_SUCCEEDED, second));
    made.mutable_references()->set_payment_id("pi_1");
    made.mutable_references()->set_charge_id("ch_1");
    return made;
}

PaymentEvent intent(std::int64_t second, const std::string& names_invoice) {
    PaymentEvent made = charge(second);
    made.mutable_references()->set_invoice_id(names_invoice);
    return made;
}

// Names both, and no customer.
PaymentEvent link(std::int64_t second) {
    PaymentEvent made = event(v1::FACT_UNSPECIFIED, second);
    made.set_settlement(v1::SETTLEMENT_PAID);
    made.mutable_references()->set_payment_id("pi_1");
    made.mutable_references()->set_invoice_id("in_1");
    return made;
}

// Every selection of a life's events, each in every order by a tenant of its own; those at a time that are to
// come at a place come in one batch, so that pairs are found within a batch and between batches.
std::size_t live_every_part(BillingWorld& world, const Life& life) {
    std::vector<std::vector<std::size_t>> orders;
    for (unsigned chosen = 1; chosen < 1U << life.size(); ++chosen) {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < life.size(); ++i) {
            if ((chosen >> i & 1U) != 0) order.push_back(i);
        }
        do orders.push_back(order);
        while (std::ranges::next_permutation(order).found);
    }
    std::vector<Uuid> tenants;
    for (std::size_t i = 0; i < orders.size(); ++i) tenants.push_back(make_uuid_v7());
    for (std::size_t step = 0; step < life.size(); ++step) {
        std::vector<Sent> batch;
        for (std::size_t i = 0; i < orders.size(); ++i) {
            if (step < orders[i].size())
                batch.push_back({.tenant = tenants[i], .event = life[orders[i][step]]});
        }
        world.feed(batch);
    }
    return orders.size();
}

Texts captured(BillingWorld& world) {
    return world.rows(
        "select distinct captured::text from (select tenant, sum(minor) as captured from "
        "billing.booked where booking = 'capture' group by tenant) each");
}

const char* const stands =
    "select status || ' ' || captured_minor || coalesce(' ' || lone, '') || "
    "case when taken_for is null then '' else ' taken' end from billing.payment order by 1";

}  // namespace

TEST_CASE("an invoice and its payment are booked once, whichever of their events come, in every order") {
    const std::string told = GENERATE("", "in_1");
    BillingWorld world;
    PaymentEvent other_word = invoice(2);
    other_word.set_provider_event_id("evt_22");
    const std::size_t lives =
        live_every_part(world, {invoice(2), other_word, charge(0), intent(1, told), link(3)});
    REQUIRE(lives == 325);
    CHECK(captured(world) == Texts{"5000"});
    CHECK(world.rows("select count(distinct tenant)::text from billing.booked where minor <> 0") ==
          Texts{"325"});
    CHECK(world.rows("select payment::text from billing.disagreement").empty());
}

TEST_CASE("two invoices and two payments alike, of which one is linked late, are booked as two") {
    BillingWorld world;
    PaymentEvent second_charge = charge(5);
    second_charge.mutable_references()->set_payment_id("pi_2");
    second_charge.mutable_references()->set_charge_id("ch_2");
    const std::size_t lives =
        live_every_part(world, {invoice(2), invoice(6, "in_2"), charge(0), second_charge, link(9)});
    REQUIRE(lives == 325);
    // All five.
    CHECK(
        world.rows("select distinct sum(b.minor)::text from billing.booked b where b.booking = 'capture' and "
                   "5 = (select count(*) from billing.payment_fact f where f.tenant = b.tenant) group by "
                   "b.tenant") == Texts{"10000"});
    CHECK(world.rows("select payment::text from billing.disagreement").empty());
}

TEST_CASE(
    "an invoice that was booked is taken back when its payment comes, and stands again when that is "
    "another's") {
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    world.feed({{tenant, invoice(2)}});
    CHECK(world.rows(stands) == Texts{"succeeded 5000 invoice"});
    world.feed({{tenant, charge(3)}});
    CHECK(world.rows(stands) == Texts{"succeeded 0 invoice taken", "succeeded 5000 payment"});
    CHECK(world.rows("select debit || ' < ' || credit from billing.entry order by booked_at, takes_back") ==
          Texts{"provider < sales", "provider < sales", "sales < provider"});
    world.feed({{tenant, intent(3, "in_9")}});
    CHECK(world.rows(stands) == Texts{"succeeded 5000", "succeeded 5000 invoice"});
    CHECK(world.rows("select payment::text from billing.disagreement").empty());
}

TEST_CASE("an invoice that has nothing like it is booked by itself") {
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    PaymentEvent dear = charge(1);
    dear.mutable_amount()->set_minor(5001);
    PaymentEvent old = charge(-3600);
    old.mutable_references()->set_payment_id("pi_0");
    old.mutable_references()->set_charge_id("ch_0");
    PaymentEvent nobodys = charge(1);
    nobodys.mutable_references()->set_payment_id("pi_2");
    nobodys.mutable_references()->set_charge_id("ch_2");
    nobodys.clear_customer();
    world.feed({{tenant, invoice(2)}, {tenant, dear}, {tenant, old}, {tenant, nobodys}});
    CHECK(world.rows(stands) == Texts{"succeeded 5000 invoice", "succeeded 5000 payment",
                                      "succeeded 5000 payment", "succeeded 5001 payment"});
}

TEST_CASE("a checkout that says that it is paid is booked, and once with its invoice or its payment") {
    BillingWorld world;
    PaymentEvent checkout = of_customer(event(v1::FACT_CHECKOUT_COMPLETED, 4));
    checkout.set_category(v1::CATEGORY_MONEY_IN);
    checkout.mutable_references()->set_checkout_id("cs_1");
    checkout.mutable_references()->set_invoice_id("in_1");
    live_every_part(world, {checkout, invoice(2), charge(0), link(3)});
    CHECK(captured(world) == Texts{"5000"});
    BillingWorld of_payment;
    checkout.mutable_references()->set_invoice_id("");
    checkout.mutable_references()->set_payment_id("pi_1");
    live_every_part(of_payment, {checkout, charge(0), intent(1, "")});
    CHECK(captured(of_payment) == Texts{"5000"});
    // One that is still to be paid brings nothing.
    BillingWorld unpaid;
    checkout.set_category(v1::CATEGORY_OTHER);
    unpaid.feed({{make_uuid_v7(), checkout}});
    CHECK(unpaid.rows("select booking from billing.booked").empty());
}

TEST_CASE(
    "one id of two schools, or of two sites, is two payments, and of two sources of one account it is one") {
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    const auto told = [&](const std::string& provider, const std::string& source, std::int64_t minor) {
        PaymentEvent made = event(v1::FACT_PAYMENT_SUCCEEDED, 0, minor);
        made.set_provider(provider);
        made.set_source(source);
        made.mutable_references()->set_payment_id("1");
        return Sent{tenant, made};
    };
    world.feed({told("school", "north", 100'000), told("school", "south", 250'000),
                told("chargebee", "a", 10), told("chargebee", "b", 20), told("stripe", "x", 500),
                told("stripe", "y", 500)});
    CHECK(world.rows(
              "select provider || ' ' || realm || ' ' || captured_minor from billing.payment order by 1") ==
          Texts{"chargebee source/a 10", "chargebee source/b 20", "school source/north 100000",
                "school source/south 250000", "stripe  500"});
    PaymentEvent subscription = event(v1::FACT_SUBSCRIPTION_ACTIVATED, 0);
    subscription.set_provider("chargebee");
    subscription.set_status("active");
    subscription.mutable_references()->set_subscription_id("s");
    subscription.mutable_mrr()->set_minor(100);
    subscription.mutable_mrr()->set_currency("EUR");
    for (const char* const source : {"a", "b"}) {
        subscription.set_source(source);
        world.feed({{tenant, subscription}});
    }
    CHECK(world.rows("select realm || ' ' || mrr_minor from billing.subscription_standing order by 1") ==
          Texts{"source/a 100", "source/b 100"});
    CHECK(world.rows("select realm || ' ' || delta_minor from billing.mrr_movement order by 1") ==
          Texts{"source/a 100", "source/b 100"});
}
