// Rules as operators change and try them.
#include <ctime>

#include <catch2/catch.hpp>

#include "integration/delivery/deliveries.hpp"
#include "integration/tenants/fixtures.hpp"
#include "tenants/audit.hpp"

using namespace tollgate;
using namespace tollgate::delivery;
using namespace tollgate::test;
using Catch::Contains;
using postgres::Transaction;
using Texts = std::vector<std::string>;

namespace {

Texts names_of(const std::vector<ListedRule>& rules) {
    Texts names;
    for (const ListedRule& each : rules) names.push_back(each.destination_slug + " " + each.rule.name);
    return names;
}

}  // namespace

TEST_CASE("rules are added in their place, listed, removed, and each change says who made it") {
    Deliveries world;
    world.destination("first");
    world.destination("second");
    world.rule({.destination = "second", .rule = {.name = "later"}});
    world.rule({.destination = "second", .place = 5, .rule = {.name = "sooner"}});
    const auto list = [&](const RuleScope& scope) {
        return world.as_operator([&](Transaction& tx) { return list_rules(tx, admin(), scope); });
    };
    CHECK(names_of(must(list({.tenant = "acme", .destination = "second"}))) ==
          Texts{"second sooner", "second later"});
    CHECK(must(list({})).size() == 13);
    const auto remove = [&](const std::string& rule) {
        return world.as_operator(
            [&](Transaction& tx) { return remove_rule(tx, admin(), "acme", rule, "noise"); });
    };
    CHECK(remove("sooner").has_value());
    CHECK(remove("sooner").error().code == ErrorCode::not_found);
    world.rule({.destination = "first", .rule = {.name = "later"}});
    CHECK(remove("later").error().code == ErrorCode::conflict);
    CHECK(world.rows("select verb || ' ' || (arguments ->> 'name') || ' ' || reason from tenants.audit "
                     "where verb like 'rule %' order by id") ==
          Texts{"rule add later told to", "rule add sooner told to", "rule remove sooner noise",
                "rule add later told to"});
}

TEST_CASE("a rule that names what there is not is refused, in words, and so is one of who may not") {
    Deliveries world;
    world.destination("first");
    const auto error_of = [&](const NewRule& wanted, const tenants::Actor& actor = admin()) {
        const auto added =
            world.as_operator([&](Transaction& tx) { return add_rule(tx, actor, "acme", wanted); });
        REQUIRE_FALSE(added);
        return added.error().text();
    };
    CHECK_THAT(error_of({.destination = "first", .rule = {.name = "x", .types = {"payment_fialed"}}}),
               Contains("payment_failed"));
    CHECK_THAT(error_of({.destination = "first", .rule = {.name = "x", .types = {"stripe.invoice paid"}}}),
               Contains("blank"));
    CHECK_THAT(error_of({.destination = "first", .rule = {.name = "x", .categories = {"money"}}}),
               Contains("money_in"));
    CHECK_THAT(error_of({.destination = "nowhere", .rule = {.name = "x"}}), Contains("nowhere"));
    CHECK_THAT(error_of({.destination = "first", .rule = {.name = "x", .mention = "@channel"}}),
               Contains("user group"));
    CHECK_THAT(error_of({.destination = "first", .rule = {.name = "x", .mode = "dry"}}), Contains("live"));
    CHECK_THAT(error_of({.destination = "first", .rule = {.name = "\x1b[31mred"}}), Contains("no name"));
    CHECK_THAT(error_of({.destination = "first", .rule = {.name = std::string(201, 'x')}}),
               Contains("1 to 200 bytes"));
    CHECK_THAT(error_of({.destination = "first", .rule = {.name = "x"}},
                        limited(tenants::Role::viewer, {world.tenant()})),
               Contains("viewer"));
}

TEST_CASE("an event that is tried is told by today's clock") {
    Deliveries world;
    world.destination("first");
    Handed event{payment_event("fact: FACT_DISPUTE_OPENED category: CATEGORY_MONEY_OUT")};
    event.event.mutable_evidence_due()->set_seconds(std::time(nullptr) + (86'400 * 7) + 3'600);
    store_payment_event(world.database(), world.tenant(), event);
    const auto trial =
        must(world.as_operator([&](Transaction& tx) { return try_rules(tx, admin(), event.id); }));
    CHECK_THAT(trial.headline, Contains("evidence due in 7 days"));
}

TEST_CASE("an event is tried against the rules: which fit, which decides, and why not the others") {
    Deliveries world;
    world.destination("first");
    const Handed event{payment_event(
        R"(fact: FACT_PAYMENT_SUCCEEDED history { payments: 1 } amount { minor: 99999 currency: "USD" })")};
    const Uuid& id = event.id;
    store_payment_event(world.database(), world.tenant(), event);
    const auto trial = must(world.as_operator([&](Transaction& tx) { return try_rules(tx, admin(), id); }));
    std::string told;
    for (const TriedRule& each : trial.rules) {
        if (each.decides) told += each.rule.rule.name + " decides; ";
        if (each.rule.rule.name == "large payments in USD" || each.rule.rule.name == "large payments in EUR")
            told += each.why_not.value_or("fits") + "; ";
    }
    CHECK(told ==
          "$999.99 is less than $1,000.00; it is in USD, and not in EUR; payments and customers decides; ");
    CHECK_THAT(trial.headline, Contains("$999.99"));
    must(world.as_operator(
        [&](Transaction& tx) { return tenants::disable_destination(tx, admin(), "acme", "first", ""); }));
    for (const TriedRule& each :
         must(world.as_operator([&](Transaction& tx) { return try_rules(tx, admin(), id); })).rules) {
        CHECK_FALSE(each.decides);
        CHECK_THAT(each.why_not.value_or("fits"), Contains("disabled"));
    }
    const auto stranger = world.as_operator(
        [&](Transaction& tx) { return try_rules(tx, limited(tenants::Role::admin, {make_uuid_v7()}), id); });
    CHECK(stranger.error().code == ErrorCode::not_found);
}
