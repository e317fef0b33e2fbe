#include "ingress/held.hpp"

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "gateway.hpp"
#include "tenants/audit.hpp"
#include "tenants/tenants.hpp"

using namespace tollgate;
using ingress::Fate;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

namespace {

// One event and one that conflicts with it.
struct Conflict {
    Conflict() {
        ingress::Events held = test::request({.content = "2"});
        for (auto* const events : {&first, &held}) {
            (*events)[0].event.tenant = tenant;
            const auto receipt = ingress.commit(*events);
            REQUIRE(receipt.has_value());
            id = receipt->at(0).event_id;
        }
    }

    template <typename Verb>
    auto as(const Actor& actor, Verb verb) {
        postgres::Connection connection = test::open(database.service("operator"));
        return transact(connection, [&](Transaction& tx) { return verb(tx, actor); });
    }

    test::Database database{test::ingress_schemas};
    test::Office office{database.owner()};
    Uuid tenant = office.create_tenant("acme");
    Uuid other = office.create_tenant("other");
    test::Ingress ingress{database.service("ingress")};
    ingress::Events first = test::request({.content = "1"});
    Uuid id;

    Actor anna{.name = "anna", .role = Role::operator_};
    Actor of_other{.name = "otto", .role = Role::admin, .tenants = std::vector{other}};
    Actor looker{.name = "vera", .role = Role::viewer};
};

}  // namespace

TEST_CASE("what is held is listed and shown to those who may see its tenant") {
    Conflict conflict;
    const auto list = [](Transaction& tx, const Actor& actor) { return ingress::list_held(tx, actor, {}); };
    const auto seen = conflict.as(conflict.looker, list);
    REQUIRE(seen->events.size() == 1);
    CHECK(seen->more == 0);
    CHECK(seen->events[0].event_id == conflict.id);
    CHECK(seen->events[0].conflicts_with == conflict.first[0].event.id);
    CHECK(seen->events[0].tenant_slug == "acme");
    CHECK(seen->events[0].provider_event_id == "evt_1");
    CHECK(conflict.as(conflict.of_other, list)->events.empty());
    const auto show = [&](Transaction& tx, const Actor& actor) {
        return ingress::show_held(tx, actor, conflict.id);
    };
    CHECK(conflict.as(conflict.looker, show)->state == "held");
    CHECK(conflict.as(conflict.of_other, show).error().code == ErrorCode::not_found);
    const auto list_acme = [](Transaction& tx, const Actor& actor) {
        return ingress::list_held(tx, actor, {.tenant = "acme"});
    };
    CHECK_FALSE(conflict.as(conflict.of_other, list_acme).has_value());
    CHECK(conflict.as(conflict.anna, list_acme)->events.size() == 1);
}

TEST_CASE("a released event goes on the bus, once, and the audit log says by whom and why") {
    Conflict conflict;
    const auto release = [&](Transaction& tx, const Actor& actor) {
        return ingress::release_held(tx, actor, conflict.id, "it is the right one");
    };
    CHECK(conflict.as(conflict.looker, release).error().code == ErrorCode::forbidden);
    CHECK(conflict.as(conflict.of_other, release).error().code == ErrorCode::not_found);
    CHECK(test::stored(conflict.database.owner()).entries.size() == 1);
    const auto released = conflict.as(conflict.anna, release);
    REQUIRE(released.has_value());
    CHECK(released->state == "released");
    CHECK(released->settled_by == "anna");
    CHECK(test::stored(conflict.database.owner()).entries ==
          std::vector{conflict.first[0].event.id, conflict.id});
    CHECK(conflict.as(conflict.anna, release).error().code == ErrorCode::conflict);
    CHECK(test::stored(conflict.database.owner()).entries.size() == 2);
    const auto audit = conflict.as(conflict.anna, [](Transaction& tx, const Actor& actor) {
        return tenants::list_audit(tx, actor, {.verb = "held release"});
    });
    REQUIRE(audit->size() == 1);
    CHECK(audit->at(0).actor == "anna");
    CHECK(audit->at(0).reason == "it is the right one");
    // Its repeat is its duplicate, as before.
    auto again = test::request({.content = "2"});
    again[0].event.tenant = conflict.tenant;
    CHECK(conflict.ingress.commit(again)->at(0) == ingress::Outcome{conflict.id, Fate::duplicate});
}

TEST_CASE("a discarded event never goes on the bus") {
    Conflict conflict;
    const auto discard = [&](std::string_view reason) {
        return conflict.as(conflict.anna, [&](Transaction& tx, const Actor& actor) {
            return ingress::discard_held(tx, actor, conflict.id, reason);
        });
    };
    CHECK(discard("").error().code == ErrorCode::invalid);
    CHECK(discard("a replayed body")->state == "discarded");
    CHECK(test::stored(conflict.database.owner()).entries.size() == 1);
    const auto release = conflict.as(conflict.anna, [&](Transaction& tx, const Actor& actor) {
        return ingress::release_held(tx, actor, conflict.id, "after all");
    });
    CHECK(release.error().code == ErrorCode::conflict);
    CHECK(conflict
              .as(conflict.anna,
                  [](Transaction& tx, const Actor& actor) { return ingress::list_held(tx, actor, {}); })
              ->events.empty());
}

TEST_CASE("ingress can hold an event and neither see nor release one") {
    Conflict conflict;
    postgres::Connection connection = test::open(conflict.database.service("ingress"));
    for (const char* const sql : {"select * from ingress.held", "update ingress.held set state = 'released'",
                                  "delete from ingress.held", "delete from ingress.dedupe_key",
                                  "update ingress.dedupe_key set expires = now()"}) {
        CAPTURE(sql);
        CHECK_FALSE(transact(connection, [&](Transaction& tx) { tx.execute(sql); }).has_value());
    }
}

TEST_CASE("no held event is settled without a word in the audit log") {
    Conflict conflict;
    for (const char* const service : {"operator", "console"}) {
        postgres::Connection connection = test::open(conflict.database.service(service));
        const auto settled = transact(connection, [](Transaction& tx) {
            tx.execute("select set_config('tollgate.tenant', '*', true)");
            tx.execute(
                "update ingress.held set state = 'discarded', settled_at = now(), settled_by = 'ghost'");
        });
        REQUIRE_FALSE(settled.has_value());
        CHECK_THAT(settled.error().detail, Catch::Contains("42501"));
    }
}

TEST_CASE("an operator reads what is held and what came first, and that is on record") {
    Conflict conflict;
    const auto read = [&](Transaction& tx, const Actor& actor) {
        return ingress::read_held(tx, actor, conflict.id);
    };
    CHECK(conflict.as(conflict.looker, read).error().code == ErrorCode::forbidden);
    CHECK(conflict.as(conflict.of_other, read).error().code == ErrorCode::not_found);
    const auto contents = conflict.as(conflict.anna, read);
    REQUIRE(contents.has_value());
    CHECK(contents->held->body == "2");
    CHECK(contents->held->headers == "a: b\n");
    CHECK(contents->first->body == "1");
    const auto on_record = conflict.as(conflict.anna, [](Transaction& tx, const Actor& actor) {
        return tenants::list_audit(tx, actor, {.verb = "held show"});
    });
    REQUIRE(on_record->size() == 1);
    CHECK(on_record->at(0).actor == "anna");
}

TEST_CASE(
    "all that is held is settled at once, so many at a time, and only of those whom one may order about") {
    Conflict conflict;
    for (int i = 0; i < 6; ++i) {
        auto more = test::request({.content = "other" + std::to_string(i)});
        more[0].event.tenant = conflict.tenant;
        REQUIRE(conflict.ingress.commit(more)->at(0).fate == Fate::held);
    }
    const auto release = [&](Transaction& tx, const Actor& actor) {
        return ingress::release_all_held(tx, actor, {.source = "shop", .limit = 5}, "a test run");
    };
    CHECK(conflict.as(conflict.of_other, release) == 0);
    CHECK(conflict.as(conflict.looker, release).error().code == ErrorCode::forbidden);
    CHECK(conflict.as(conflict.anna, release) == 5);
    CHECK(test::stored(conflict.database.owner()).entries.size() == 6);
    const auto discard = [&](Transaction& tx, const Actor& actor) {
        return ingress::discard_all_held(tx, actor, {.tenant = "acme"}, "a test run");
    };
    CHECK(conflict.as(conflict.anna, discard) == 2);
    CHECK(conflict.as(conflict.anna, discard) == 0);
    CHECK(test::stored(conflict.database.owner()).entries.size() == 6);
    const auto on_record = conflict.as(conflict.anna, [](Transaction& tx, const Actor& actor) {
        return tenants::list_audit(tx, actor, {.verb = "held"});
    });
    CHECK(on_record->size() == 2);
}
