#include <thread>

#include <catch2/catch.hpp>

#include "support/wait.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using events::PaymentEvent;
using Texts = std::vector<std::string>;

namespace {

PaymentEvent paid(const std::string& intent, const std::string& charge, std::int64_t minor,
                  const std::string& currency = "EUR") {
    PaymentEvent made;
    made.set_fact(v1::FACT_PAYMENT_SUCCEEDED);
    made.set_provider("stripe");
    made.mutable_provider_time()->set_seconds(1'790'000'000);
    made.mutable_references()->set_payment_id(intent);
    made.mutable_references()->set_charge_id(charge);
    made.mutable_amount()->set_minor(minor);
    made.mutable_amount()->set_currency(currency);
    return made;
}

const char* const stands =
    "select booking || ' ' || currency || ' ' || minor from billing.booked where minor <> 0 order by 1";

}  // namespace

TEST_CASE("two payments that turn out to be one are booked as one, and what was booked twice is taken back") {
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    world.feed({{tenant, paid("pi_1", "", 1000)}});
    world.feed({{tenant, paid("", "ch_1", 1000)}});
    CHECK(world.rows(stands) == Texts{"capture EUR 1000", "capture EUR 1000"});
    world.feed({{tenant, paid("pi_1", "ch_1", 1000)}});
    CHECK(world.rows(stands) == Texts{"capture EUR 1000"});
    CHECK(world.rows("select count(*)::text from billing.payment") == Texts{"1"});
    CHECK(world.rows("select debit || ' < ' || credit from billing.entry order by booked_at, takes_back") ==
          Texts{"provider < sales", "provider < sales", "sales < provider"});
    CHECK(world.rows("select payment::text from billing.disagreement").empty());
}

TEST_CASE("an event that is done over corrects what it said, and books the difference") {
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    Sent first{tenant, paid("pi_1", "ch_1", 1000)};
    world.feed({first});
    world.feed({first});
    CHECK(world.rows("select count(*)::text from billing.entry") == Texts{"1"});
    first.event.mutable_amount()->set_minor(900);
    world.feed({first});
    CHECK(world.rows(stands) == Texts{"capture EUR 900"});
    first.event.mutable_amount()->set_currency("JPY");
    world.feed({first});
    CHECK(world.rows(stands) == Texts{"capture JPY 900"});
    // It is read as something else by now, which is no payment.
    first.event.set_fact(v1::FACT_CUSTOMER_UPDATED);
    world.feed({first});
    CHECK(world.rows(stands).empty());
    CHECK(world.rows("select count(*)::text from billing.payment") == Texts{"0"});
    // And comes back.
    first.event.set_fact(v1::FACT_PAYMENT_SUCCEEDED);
    world.feed({first});
    CHECK(world.rows(stands) == Texts{"capture JPY 900"});
}

TEST_CASE("tenants, providers and test payments are apart") {
    BillingWorld world;
    const Uuid ann = make_uuid_v7();
    PaymentEvent test = paid("pi_1", "ch_1", 1000);
    test.set_mode(v1::MODE_TEST);
    PaymentEvent other = paid("pi_1", "ch_1", 1000);
    other.set_provider("razorpay");
    world.feed({{ann, paid("pi_1", "ch_1", 1000)},
                {make_uuid_v7(), paid("pi_1", "ch_1", 1000)},
                {ann, test},
                {ann, other}});
    CHECK(world.rows("select count(*)::text from billing.payment") == Texts{"4"});

    postgres::Connection reader = open(world.operators());
    const auto seen = [&] {
        return reader.execute("select count(*) from billing.entry").only().get<std::int64_t>(0);
    };
    CHECK(seen() == 0);
    reader.execute("select set_config('tollgate.tenant', $1, false)", ann.text());
    CHECK(seen() == 3);
    reader.execute("select set_config('tollgate.tenant', '*', false)");
    CHECK(seen() == 4);
}

TEST_CASE("the ledger is only added to") {
    BillingWorld world;
    world.feed({{make_uuid_v7(), paid("pi_1", "ch_1", 1000)}});
    CHECK_THROWS_WITH(world.rows("update billing.entry set amount_minor = 1 returning 'x'"),
                      Catch::Contains("only added to"));
    CHECK_THROWS_WITH(world.rows("delete from billing.entry returning 'x'"),
                      Catch::Contains("only added to"));
    postgres::Connection own = open(world.billing());
    CHECK_THROWS_WITH(own.execute("update billing.entry set amount_minor = 1"),
                      Catch::Contains("permission denied"));
    CHECK_THROWS_WITH(own.execute("truncate billing.entry"), Catch::Contains("permission denied"));
}

TEST_CASE("what one tenant has beyond all measure stops nobody's report") {
    BillingWorld world;
    world.rows(
        "insert into billing.entry (tenant, payment, booking, currency, revision, takes_back, debit, credit, "
        "amount_minor, provider, is_test, event_id) select gen_random_uuid(), gen_random_uuid(), 'capture', "
        "'EUR', 1, "
        "false, 'provider', 'sales', 9007199254740992, 'stripe', false, gen_random_uuid() from "
        "generate_series(1, 3) "
        "returning 'x'");
    world.rows(
        "insert into billing.entry (tenant, payment, booking, currency, revision, takes_back, debit, credit, "
        "amount_minor, provider, is_test, event_id) select '01a20306-891d-7000-b463-bd3c7f8559c6', "
        "gen_random_uuid(), "
        "'capture', 'EUR', 1, false, 'provider', 'sales', 9007199254740992, 'stripe', false, "
        "gen_random_uuid() "
        "from generate_series(1, 1025) returning 'x'");
    CHECK(world.rows("select max(balance_minor)::text from billing.balance") == Texts{"9223372036854775807"});
}

TEST_CASE("an operator sees where the ledger and a payment disagree") {
    BillingWorld world;
    world.feed({{make_uuid_v7(), paid("pi_1", "ch_1", 1000)}});
    CHECK(world.rows("select booking from billing.disagreement").empty());
    world.rows("update billing.payment set captured_minor = 900 returning 'x'");
    CHECK(
        world.rows("select booking || ' ' || payment_says || ' ' || ledger_says from billing.disagreement") ==
        Texts{"capture 900 1000"});
}

TEST_CASE("bytes that are no payment event are rejected with a reason, beside others that are booked") {
    BillingWorld world;
    const auto said = world.feed_bytes(make_uuid_v7(), std::string{"\xff\xff not one"});
    REQUIRE(said.size() == 1);
    CHECK(said.front() != "done");
    CHECK_FALSE(said.front().empty());
    CHECK(world.feed({{make_uuid_v7(), paid("pi_1", "", 1)}}) == Texts{"done"});
}

TEST_CASE("events of a batch that have names in common are one payment") {
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    world.feed({{tenant, paid("pi_1", "", 1000)},
                {tenant, paid("", "ch_1", 1000)},
                {tenant, paid("pi_1", "ch_1", 1000)}});
    CHECK(world.rows(stands) == Texts{"capture EUR 1000"});
    CHECK(world.rows("select count(*)::text from billing.payment") == Texts{"1"});
}

TEST_CASE("all that was told of a payment is there when the next event comes") {
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    PaymentEvent charge = paid("pi_1", "ch_1", 1000);
    charge.mutable_fee()->set_minor(59);
    charge.mutable_fee()->set_currency("EUR");
    charge.mutable_customer()->set_id("cus_1");
    charge.mutable_references()->set_subscription_id("sub_1");
    auto& receipt = *charge.add_links();
    receipt.set_kind(v1::LINK_KIND_RECEIPT);
    receipt.set_url("https://pay.example/receipt/1");
    world.feed({{tenant, charge}});
    PaymentEvent refunded = paid("", "ch_1", 400);
    refunded.set_fact(v1::FACT_REFUND_SUCCEEDED);
    refunded.mutable_amount_refunded()->set_minor(400);
    refunded.mutable_amount_refunded()->set_currency("EUR");
    world.feed({{tenant, refunded}});
    PaymentEvent disputed = paid("", "ch_1", 600);
    disputed.set_fact(v1::FACT_DISPUTE_OPENED);
    disputed.mutable_references()->set_dispute_id("du_1");
    world.feed({{tenant, disputed}});
    PaymentEvent other = paid("pi_2", "", 70);
    other.set_fact(v1::FACT_PAYMENT_FAILED);
    other.set_failure_code("insufficient_funds");
    other.set_failure_reason("insufficient funds");
    world.feed({{tenant, other}});
    // Each is reckoned anew from what is stored.
    PaymentEvent updated = disputed;
    updated.set_fact(v1::FACT_DISPUTE_UPDATED);
    PaymentEvent tried = other;
    tried.mutable_references()->set_charge_id("ch_2");
    tried.clear_failure_code();
    tried.clear_failure_reason();
    tried.mutable_provider_time()->set_seconds(1'780'000'000);
    world.feed({{tenant, updated}, {tenant, tried}});
    CHECK(
        world.rows("select concat_ws(' ', status, captured_minor, fee_minor, refunded_minor, disputed_minor, "
                   "customer, subscription, receipt_url, failure_code, failure_reason) from billing.payment "
                   "order by captured_minor") ==
        Texts{"failed 0 0 0 0 insufficient_funds insufficient funds",
              "disputed 1000 59 400 600 cus_1 sub_1 https://pay.example/receipt/1"});
    CHECK(world.rows(stands) == Texts{"capture EUR 1000", "dispute EUR 600", "fee EUR 59", "refund EUR 400"});
}

TEST_CASE("two members that are told of one payment at the same time book it once") {
    BillingWorld world;
    const Uuid tenant = make_uuid_v7();
    world.feed({{tenant, paid("pi_1", "ch_1", 1000)}});
    PaymentEvent refund = paid("pi_1", "", 300);
    refund.set_fact(v1::FACT_REFUND_SUCCEEDED);
    refund.mutable_references()->set_refund_id("re_1");
    PaymentEvent another = paid("", "ch_1", 200);
    another.set_fact(v1::FACT_REFUND_SUCCEEDED);
    another.mutable_references()->set_refund_id("re_2");

    // The first stands before its commit while the second, who knows the payment by another name, comes.
    postgres::Connection first = open(world.billing());
    postgres::Connection second = open(world.billing());
    const auto waits = [&] {
        return world
                   .rows(
                       "select 'x' from pg_stat_activity where wait_event_type = 'Lock' and datname = "
                       "current_database()")
                   .size() == 1;
    };
    std::jthread other;
    std::vector<std::string> said;
    {
        postgres::Transaction tx{first};
        CHECK(feed_billing(tx, {{tenant, refund}}) == Texts{"done"});
        other = std::jthread{[&] { said = feed_billing(second, {{tenant, another}}); }};
        REQUIRE(wait_until(waits, std::chrono::seconds{20}));
        tx.commit();
    }
    other.join();
    CHECK(said == Texts{"done"});
    CHECK(world.rows(stands) == Texts{"capture EUR 1000", "refund EUR 500"});
    CHECK(world.rows("select booking from billing.disagreement").empty());
}
