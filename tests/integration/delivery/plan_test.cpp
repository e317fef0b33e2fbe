#include <catch2/catch.hpp>

#include "delivery/layouts.hpp"
#include "integration/delivery/deliveries.hpp"
#include "integration/tenants/fixtures.hpp"

using namespace tollgate;
using namespace tollgate::test;
using Texts = std::vector<std::string>;

namespace {

constexpr const char* messages =
    "select layout || ' ' || why from delivery.delivery order by created_at, layout";
constexpr const char* kinds =
    "select d.kind || ' of ' || (select count(*) from delivery.delivery_event e where e.delivery = "
    "d.delivery) "
    "from delivery.delivery d order by 1";

v1::PaymentEvent failed(const std::string& invoice, int attempt) {
    return payment_event(
        fmt::format("fact: FACT_INVOICE_PAYMENT_FAILED category: CATEGORY_MONEY_AT_RISK attempt: {} "
                    "references {{ invoice_id: \"{}\" }} amount {{ minor: 900 currency: \"USD\" }}",
                    attempt, invoice));
}

// As Stripe's refund.created and refund.updated say it.
Handed refund(const std::string& id, std::int64_t minor = 900) {
    return {payment_event(fmt::format(
        "fact: FACT_REFUND_SUCCEEDED category: CATEGORY_MONEY_OUT subject {{ kind: SUBJECT_KIND_REFUND id: "
        "\"{0}\" }} references {{ refund_id: \"{0}\" charge_id: \"ch_1\" payment_id: \"pi_1\" }} "
        "amount {{ minor: {1} currency: \"USD\" }}",
        id, minor))};
}

// As its charge.refunded does, which does not know by which refund.
Handed refunded_charge(std::int64_t minor = 900) {
    return {payment_event(fmt::format(
        "fact: FACT_REFUND_SUCCEEDED category: CATEGORY_MONEY_OUT subject {{ kind: SUBJECT_KIND_CHARGE id: "
        "\"ch_1\" }} references {{ charge_id: \"ch_1\" payment_id: \"pi_1\" }} "
        "amount {{ minor: {} currency: \"USD\" }}",
        minor))};
}

v1::PaymentEvent paid(const std::string& references, std::int64_t minor = 250'000) {
    return payment_event(
        fmt::format("fact: FACT_PAYMENT_SUCCEEDED history {{ payments: 3 }} references {{ {} }} "
                    "amount {{ minor: {} currency: \"USD\" }}",
                    references, minor));
}

}  // namespace

TEST_CASE("a tenant's first destination is told of what most people want to hear, and of no more") {
    Deliveries world;
    CHECK(world.plan({{failed("in_0", 1)}}) == Texts{"done"});
    CHECK(world.rows(messages).empty());
    world.destination("payments");
    world.destination("more");
    CHECK(world.rows(
              "select distinct x.slug from delivery.rule r join tenants.destination x using (destination)") ==
          Texts{"payments"});
    world.plan(
        {{failed("in_1", 1)},
         {paid("payment_id: \"pi_1\"")},
         {paid("payment_id: \"pi_2\"", 10)},
         {payment_event(
             "fact: FACT_INVOICE_CREATED category: CATEGORY_OTHER references { invoice_id: \"in_2\" }")},
         {payment_event(
             "fact: FACT_DISPUTE_OPENED category: CATEGORY_MONEY_OUT references { dispute_id: \"dp_1\" }")}});
    CHECK(world.rows("select kind || ' ' || layout || ' ' || why || ' ' || priority from delivery.delivery "
                     "order by 1") ==
          Texts{"digest digest payments and customers 4", "message dispute_opened disputes 1",
                "message payment large payments in USD 3", "message payment_failed failed payments 2"});
    // Whatever the first rules name, there is.
    for (const std::string& type : world.rows("select distinct unnest(types) from delivery.rule"))
        CHECK(delivery::check({.types = {type}}).has_value());
}

TEST_CASE("of the rules for a destination the first that fits decides, and each destination has its own") {
    Deliveries world;
    world.destination("payments");
    world.destination("all");
    world.rule({.destination = "payments",
                .place = 1,
                .rule = {.name = "no tests", .mode = "test", .way = delivery::Way::nothing}});
    world.tell_everything("all");
    v1::PaymentEvent test = failed("in_1", 1);
    test.set_mode(v1::MODE_TEST);
    world.plan({{failed("in_1", 1)}, {test}});
    CHECK(
        world.rows("select x.slug || ': ' || d.why from delivery.delivery d join tenants.destination x using "
                   "(destination) order by 1") ==
        Texts{"all: everything", "all: everything", "payments: failed payments"});
}

TEST_CASE("a message is planned once: again, redelivered or done over") {
    Deliveries world;
    world.destination("payments");
    Handed event{failed("in_1", 1)};
    world.plan({event});
    world.plan({event});
    event.event.set_failure_reason("expired card");
    event.cause = consumer::Cause::redo;
    world.plan({event});
    CHECK(world.rows(messages) == Texts{"payment_failed failed payments"});
    CHECK(world.rows("select (position('expired card'::bytea in value) > 0)::text from delivery.event") ==
          Texts{"true"});
}

TEST_CASE("events of one fact are one message, in whatever order and batches they come") {
    Deliveries world;
    world.destination("payments", R"({"sibling_wait_ms": 60000})");
    world.tell_everything("payments");
    const Handed charge{paid(R"(payment_id: "pi_1" charge_id: "ch_1")")};
    Handed invoice{paid(R"(invoice_id: "in_1")")};
    invoice.event.set_fact(v1::FACT_INVOICE_PAID);
    Handed checkout{paid(R"(checkout_id: "cs_1" payment_id: "pi_1")")};
    checkout.event.set_fact(v1::FACT_CHECKOUT_COMPLETED);
    SECTION("one after the other") {
        world.plan({charge});
        world.plan({checkout});
        world.plan({invoice});
        CHECK(world.rows(kinds) == Texts{"message of 1", "message of 2"});
        // Which are of one payment turns out when an event has the names of both.
        world.plan({{paid(R"(payment_id: "pi_1" invoice_id: "in_1")")}});
        CHECK(world.rows(kinds) == Texts{"message of 4"});
    }
    SECTION("at once") {
        world.plan({checkout, {paid(R"(payment_id: "pi_1" invoice_id: "in_1")")}, invoice, charge});
        CHECK(world.rows(kinds) == Texts{"message of 4"});
    }
    SECTION("tests are apart, and so are other payments") {
        Handed test = charge;
        test.id = make_uuid_v7();
        test.event.set_mode(v1::MODE_TEST);
        world.plan({charge, test, {paid(R"(payment_id: "pi_9")")}});
        CHECK(world.rows(kinds) == Texts{"message of 1", "message of 1", "message of 1"});
    }
}

TEST_CASE("a refund is one message, told by itself and by its payment, and two refunds are two") {
    Deliveries world;
    world.destination("payments", R"({"sibling_wait_ms": 60000})");
    world.tell_everything("payments");
    SECTION("the payment first") {
        world.plan({refunded_charge()});
        world.plan({refund("re_1")});
        world.plan({refund("re_1")});
        CHECK(world.rows(kinds) == Texts{"message of 3"});
    }
    SECTION("the payment last") {
        world.plan({refund("re_1"), refund("re_1")});
        world.plan({refunded_charge()});
        CHECK(world.rows(kinds) == Texts{"message of 3"});
    }
    SECTION("two of one amount, at once") {
        world.plan({refund("re_1"), refund("re_2"), refunded_charge(), refunded_charge(), refund("re_2")});
        CHECK(world.rows(kinds) == Texts{"message of 2", "message of 3"});
    }
    SECTION("two of one amount, one after the other") {
        for (const Handed& each : {refunded_charge(), refunded_charge(), refund("re_1"), refund("re_2")})
            world.plan({each});
        CHECK(world.rows(kinds) == Texts{"message of 2", "message of 2"});
    }
    SECTION("of other amounts, and alone") {
        world.plan({refund("re_1"), refunded_charge(500)});
        CHECK(world.rows(kinds) == Texts{"message of 1", "message of 1"});
    }
    SECTION("done over") {
        const Handed charge = refunded_charge();
        world.plan({charge});
        world.plan({refund("re_1")});
        Handed again = charge;
        again.cause = consumer::Cause::redo;
        world.plan({again});
        world.plan({refunded_charge()});
        CHECK(world.rows(kinds) == Texts{"message of 1", "message of 2"});
    }
}

TEST_CASE("each failed attempt is a fact of its own, by its number or its time") {
    Deliveries world;
    world.destination("payments");
    world.plan({{failed("in_1", 1)}, {failed("in_1", 2)}, {failed("in_1", 2)}});
    CHECK(world.rows(kinds) == Texts{"message of 1", "message of 2"});
    // One that has no number goes with what happened at the same time.
    v1::PaymentEvent later = failed("in_1", 0);
    world.plan({{later}});
    later.mutable_provider_time()->set_seconds(later.provider_time().seconds() + 86'400);
    world.plan({{later}});
    CHECK(world.rows(kinds) == Texts{"message of 1", "message of 2", "message of 2"});
}

TEST_CASE("a message that was claimed is not changed: what comes later is told if it is more urgent") {
    Deliveries world;
    world.destination("payments");
    world.tell_everything("payments");
    world.plan({{failed("in_1", 1)}});
    world.change(
        "update delivery.delivery set state = 'delivered', due_at = null, settled_at = now(), attempts = 1");
    world.plan({{failed("in_1", 1)}});
    CHECK(world.rows("select state || ' ' || is_follow_up from delivery.delivery") ==
          Texts{"delivered false"});
    CHECK(world.rows("select is_late::text from delivery.delivery_event order by 1") ==
          Texts{"false", "true"});
    v1::PaymentEvent last = failed("in_1", 1);
    last.set_priority(v1::PRIORITY_ACT_NOW);
    world.plan({{last}});
    CHECK(world.rows("select state || ' ' || is_follow_up from delivery.delivery order by 1") ==
          Texts{"delivered false", "waiting true"});
}

TEST_CASE("bytes that are no payment event are rejected, and nothing is kept of them") {
    Deliveries world;
    world.destination("payments");
    CHECK(world.plan_bytes("\xff\xff") != Texts{"done"});
    CHECK(world.rows("select event_id::text from delivery.event").empty());
}

TEST_CASE("delivery's role sees no secrets of others and changes no rules") {
    Deliveries world;
    world.destination("payments");
    for (const char* const sql :
         {"delete from delivery.rule", "update tenants.destination set slug = 'x'",
          "select sealed from tenants.secret", "insert into tenants.audit (actor, verb) values ('x', 'y z')"})
        CHECK(refused(world.delivery(), sql));
    // Operators see their own tenants only, and change nothing without saying so.
    CHECK(world.as_operator([](postgres::Transaction& tx) {
        return tx.execute("select 1 from delivery.rule").size();
    }) == 0U);
    world.plan({{failed("in_1", 1)}});
    CHECK(refused(world.database().service("operator"), "update delivery.delivery set reason = 'x'", "*"));
}
