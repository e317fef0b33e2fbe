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
