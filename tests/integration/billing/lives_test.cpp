// The lives of a payment and of a subscription, in every order, doubled: each ends in the same state, and the
// ledger adds up.
#include <algorithm>
#include <numeric>

#include <catch2/catch.hpp>

#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using events::PaymentEvent;

namespace {

using Life = std::vector<PaymentEvent>;
using Texts = std::vector<std::string>;
constexpr std::int64_t begin = 1'790'000'000;

PaymentEvent event(v1::Fact fact, std::int64_t minute, std::int64_t minor = 0) {
    PaymentEvent made;
    made.set_fact(fact);
    made.set_provider("stripe");
    made.set_mode(v1::MODE_LIVE);
    made.mutable_provider_time()->set_seconds(begin + minute * 60);
    made.mutable_customer()->set_id("cus_1");
    if (minor != 0) {
        made.mutable_amount()->set_minor(minor);
        made.mutable_amount()->set_currency("EUR");
    }
    return made;
}

PaymentEvent of_payment(PaymentEvent made, const std::string& intent, const std::string& charge = "",
                        const std::string& invoice = "") {
    made.mutable_references()->set_payment_id(intent);
    made.mutable_references()->set_charge_id(charge);
    made.mutable_references()->set_invoice_id(invoice);
    return made;
}

PaymentEvent refund(std::int64_t minute, std::int64_t minor, const std::string& id) {
    PaymentEvent made = of_payment(event(v1::FACT_REFUND_SUCCEEDED, minute, minor), "", "ch_1");
    made.mutable_references()->set_refund_id(id);
    return made;
}

PaymentEvent of_subscription(v1::Fact fact, std::int64_t minute, const std::string& status,
                             std::int64_t mrr) {
    PaymentEvent made = event(fact, minute);
    made.mutable_references()->set_subscription_id("sub_1");
    made.set_status(status);
    made.mutable_mrr()->set_minor(mrr);
    made.mutable_mrr()->set_currency("EUR");
    return made;
}

Life life_of_payment() {
    PaymentEvent charge = of_payment(event(v1::FACT_PAYMENT_SUCCEEDED, 3, 1000), "pi_1", "ch_1", "in_1");
    charge.mutable_fee()->set_minor(45);
    charge.mutable_fee()->set_currency("EUR");
    return {of_payment(event(v1::FACT_PAYMENT_FAILED, 1, 1000), "pi_1", "ch_0"),
            of_payment(event(v1::FACT_PAYMENT_SUCCEEDED, 2, 1000), "pi_1"),
            charge,
            of_payment(event(v1::FACT_INVOICE_PAID, 4, 1000), "", "", "in_1"),
            refund(5, 300, "re_1"),
            refund(6, 200, "re_2")};
}

Life life_of_subscription() {
    return {of_subscription(v1::FACT_SUBSCRIPTION_CREATED, 1, "trialing", 0),
            of_subscription(v1::FACT_SUBSCRIPTION_ACTIVATED, 2, "active", 2900),
            of_subscription(v1::FACT_SUBSCRIPTION_UPGRADED, 3, "active", 4900),
            of_subscription(v1::FACT_SUBSCRIPTION_PAST_DUE, 4, "past_due", 4900),
            of_subscription(v1::FACT_SUBSCRIPTION_ENDED, 5, "canceled", 0),
            of_subscription(v1::FACT_SUBSCRIPTION_REACTIVATED, 6, "active", 1900)};
}

// Of one moment, as a provider's clock of whole seconds tells it.
Life at_once(Life life) {
    for (PaymentEvent& each : life) each.mutable_provider_time()->set_seconds(begin);
    return life;
}

// The provider's ids, which follow no order of what they tell.
Life with_ids(Life life) {
    for (std::size_t i = 0; i < life.size(); ++i)
        life[i].set_provider_event_id(fmt::format("evt_{}", (i * 5 + 3) % 7));
    return life;
}

PaymentEvent was(PaymentEvent made, std::int64_t before) {
    made.mutable_mrr_delta()->set_minor(made.mrr().minor() - before);
    made.mutable_mrr_delta()->set_currency("EUR");
    return made;
}

// Each order is lived by a tenant of its own; all of them take their steps together.
struct Lived {
    std::vector<std::vector<std::size_t>> orders;
    std::vector<Uuid> tenants;
};

Lived live_in_every_order(BillingWorld& world, const Life& life) {
    Lived lived;
    std::vector<std::size_t> order(life.size());
    std::iota(order.begin(), order.end(), 0);
    do lived.orders.push_back(order);
    while (std::ranges::next_permutation(order).found);
    for (std::size_t i = 0; i < lived.orders.size(); ++i) lived.tenants.push_back(make_uuid_v7());
    for (std::size_t step = 0; step < life.size(); ++step) {
        std::vector<Sent> batch;
        std::vector<Sent> again;
        for (std::size_t i = 0; i < lived.orders.size(); ++i) {
            batch.push_back({.tenant = lived.tenants[i], .event = life[lived.orders[i][step]]});
            // Told a second time by an event of its own, and by itself once more (it is done over).
            again.push_back({.tenant = lived.tenants[i], .event = life[lived.orders[i][step]]});
        }
        world.feed(batch);
        world.feed(again);
        world.feed(batch);
    }
    return lived;
}

std::vector<std::string> distinct(BillingWorld& world, const std::string& what) {
    return world.rows("select distinct state from (" + what + ") each(tenant, state) order by 1");
}

}  // namespace

TEST_CASE("a payment's life ends in one state in every order, and books once") {
    BillingWorld world;
    const Lived lived = live_in_every_order(world, life_of_payment());
    REQUIRE(lived.orders.size() == 720);
    CHECK(world.rows("select count(*)::text from billing.payment") == std::vector<std::string>{"720"});
    CHECK(distinct(world,
                   "select tenant, concat_ws(' ', status, amount_minor, currency, captured_minor, fee_minor, "
                   "refunded_minor, disputed_minor, oddity, customer) from billing.payment") ==
          std::vector<std::string>{"partly_refunded 1000 EUR 1000 45 500 0 cus_1"});
    CHECK(distinct(world,
                   "select tenant, string_agg(account || ' ' || balance_minor, ', ' order by account) "
                   "from billing.balance where balance_minor <> 0 group by tenant, currency") ==
          std::vector<std::string>{"fees 45, provider 455, refunds 500, sales -1000"});
    CHECK(world.rows("select payment::text from billing.disagreement").empty());
    CHECK(world
              .rows("select currency from billing.balance group by tenant, currency having "
                    "sum(balance_minor) <> 0")
              .empty());
}

TEST_CASE("a subscription's life ends in one state in every order, and moves the same revenue") {
    BillingWorld world;
    const Lived lived = live_in_every_order(world, life_of_subscription());
    CHECK(distinct(world,
                   "select tenant, concat_ws(' ', status, mrr_minor, currency, customer) from "
                   "billing.subscription") == std::vector<std::string>{"active 1900 EUR cus_1"});
    CHECK(distinct(world,
                   "select tenant, string_agg(effect || ' ' || delta_minor, ', ' order by at) "
                   "from billing.mrr_movement group by tenant") ==
          std::vector<std::string>{"new 2900, expansion 2000, churn -4900, reactivation 1900"});
}

TEST_CASE("what a provider tells within one second ends in one state, whatever order it comes in") {
    BillingWorld world;
    live_in_every_order(world,
                        with_ids(at_once({of_payment(event(v1::FACT_PAYMENT_PENDING, 1, 1000), "pi_1"),
                                          of_payment(event(v1::FACT_PAYMENT_FAILED, 1, 1000), "pi_1"),
                                          of_payment(event(v1::FACT_PAYMENT_AUTHORIZED, 1, 900), "pi_1")})));
    CHECK(distinct(world, "select tenant, concat_ws(' ', status, amount_minor) from billing.payment") ==
          Texts{"failed 1000"});
    BillingWorld of_money;
    live_in_every_order(of_money, with_ids(at_once(life_of_payment())));
    CHECK(distinct(of_money,
                   "select tenant, string_agg(account || ' ' || balance_minor, ', ' order by account) "
                   "from billing.balance where balance_minor <> 0 group by tenant, currency") ==
          Texts{"fees 45, provider 455, refunds 500, sales -1000"});
    PaymentEvent out = event(v1::FACT_PAYOUT_PAID, 1, 5000);
    out.mutable_references()->set_payout_id("po_1");
    PaymentEvent back = out;
    back.set_fact(v1::FACT_PAYOUT_FAILED);
    BillingWorld of_payouts;
    live_in_every_order(of_payouts, with_ids({out, back}));
    CHECK(distinct(of_payouts, "select tenant, status from billing.payment") == Texts{"failed"});
    CHECK(of_payouts.rows("select 'booked' from billing.booked where minor <> 0").empty());
}

TEST_CASE("a subscription that is changed several times within one second ends with the last change") {
    BillingWorld world;
    const Life life =
        with_ids(at_once({of_subscription(v1::FACT_SUBSCRIPTION_CREATED, 1, "trialing", 0),
                          was(of_subscription(v1::FACT_SUBSCRIPTION_UPDATED, 1, "active", 1000), 0),
                          was(of_subscription(v1::FACT_SUBSCRIPTION_UPDATED, 1, "active", 3000), 1000),
                          // It says nothing of what was before.
                          of_subscription(v1::FACT_SUBSCRIPTION_UPDATED, 1, "active", 1000)}));
    live_in_every_order(world, life);
    CHECK(distinct(world, "select tenant, concat_ws(' ', status, mrr_minor) from billing.subscription") ==
          Texts{"active 3000"});
    CHECK(
        distinct(world, "select tenant, sum(delta_minor)::text from billing.mrr_movement group by tenant") ==
        Texts{"3000"});
}

TEST_CASE("of two changes within one second the one comes last that begins where the other ends") {
    const auto update = [](const std::string& status, const std::string& before, const std::string& id) {
        PaymentEvent made =
            was(of_subscription(v1::FACT_SUBSCRIPTION_UPDATED, 1, status, status == "incomplete" ? 0 : 1000),
                before == "incomplete" ? 0 : 1000);
        made.set_previous_status(before);
        made.set_provider_event_id(id);
        return made;
    };
    BillingWorld of_status;
    live_in_every_order(of_status,
                        {was(of_subscription(v1::FACT_SUBSCRIPTION_CREATED, 0, "active", 1000), 0),
                         update("active", "past_due", "evt_B"), update("past_due", "past_due", "evt_Z")});
    CHECK(distinct(of_status, "select tenant, concat_ws(' ', status, mrr_minor) from billing.subscription") ==
          Texts{"active 1000"});
    BillingWorld of_end;
    PaymentEvent cancelled = update("active", "active", "evt_B");
    cancelled.mutable_ends_at()->set_seconds(begin + 86'400);
    live_in_every_order(of_end, {of_subscription(v1::FACT_SUBSCRIPTION_CREATED, 0, "incomplete", 0),
                                 update("active", "incomplete", "evt_Z"), cancelled});
    CHECK(distinct(of_end,
                   "select tenant, concat_ws(' ', status, extract(epoch from ends_at)::bigint) "
                   "from billing.subscription_standing") == Texts{fmt::format("active {}", begin + 86'400)});
    // And that it does not end after all.
    BillingWorld goes_on;
    PaymentEvent resumed = update("active", "active", "evt_A");
    *resumed.mutable_previous_ends_at() = cancelled.ends_at();
    live_in_every_order(goes_on, {of_subscription(v1::FACT_SUBSCRIPTION_CREATED, 0, "incomplete", 0),
                                  update("active", "incomplete", "evt_Z"), resumed, cancelled});
    CHECK(
        distinct(goes_on, "select tenant, concat_ws(' ', status, ends_at) from billing.subscription_standing")
            .size() == 1);
}

TEST_CASE("what is kept of subscriptions for reports is what their facts say") {
    BillingWorld world;
    live_in_every_order(world, life_of_subscription());
    CHECK(
        world.rows(
            "select count(*)::text from (select tenant, id, status, mrr_minor, currency, customer, first_at, "
            "last_at from billing.subscription except select tenant, id, status, mrr_minor, currency, "
            "customer, first_at, last_at from billing.subscription_standing) d") == Texts{"0"});
    CHECK(world.rows("select count(*)::text from billing.subscription_standing") == Texts{"720"});
    CHECK(world.rows(
              "select count(*)::text from (select tenant, subscription, event_id, effect, delta_minor from "
              "billing.mrr_movement except select tenant, subscription, event_id, effect, delta_minor from "
              "billing.mrr_standing) d") == Texts{"0"});
    CHECK(world.rows("select count(*)::text from billing.mrr_standing") ==
          world.rows("select count(*)::text from billing.mrr_movement"));
}

TEST_CASE("a fact of a subscription reads that one's others, however many there are") {
    constexpr int others = 1000;
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    std::vector<Sent> batch;
    for (int i = 0; i < others; ++i) {
        PaymentEvent made = of_subscription(v1::FACT_SUBSCRIPTION_ACTIVATED, 1, "active", 1000);
        made.mutable_references()->set_subscription_id(fmt::format("sub_{}", i));
        batch.push_back({.tenant = tenant, .event = made});
    }
    world.feed(batch);
    postgres::Connection billing = open(world.billing());
    postgres::Transaction tx{billing};
    feed_billing(tx, {{.tenant = tenant,
                       .event = of_subscription(v1::FACT_SUBSCRIPTION_UPGRADED, 2, "active", 3000)}});
    const auto read = tx.execute(
                            "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables "
                            "where relid = 'billing.subscription_fact'::regclass")
                          .only()
                          .get<std::int64_t>(0);
    CHECK(read > 0);
    CHECK(read < 100);
}
