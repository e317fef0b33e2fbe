#include "tenants/audit.hpp"

#include <catch2/catch.hpp>

#include "fixtures.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Transaction;
using test::must;
using test::refused;

namespace {

std::int64_t entries(test::Tenants& db) {
    return static_cast<std::int64_t>(db.verbs().size());
}

}  // namespace

TEST_CASE("nobody changes or deletes what is on record, the owner of the tables neither") {
    test::Tenants db;
    db.tenant("acme");
    const auto before = db.verbs();
    for (const auto& settings : {db.database().service("operator"), db.database().service("console"),
                                 db.database().service("ingress"), db.database().owner()}) {
        for (const char* sql :
             {"update tenants.audit set actor = 'nobody'", "delete from tenants.audit",
              "delete from tenants.audit where false", "truncate tenants.audit",
              "truncate tenants.tenant cascade", "delete from tenants.tenant",
              "update tenants.tenant set slug = 'other'", "update tenants.operator set role = 'admin'",
              "update tenants.secret set valid_from = null", "delete from tenants.operator",
              "update tenants.alias set path = '/x'"}) {
            CAPTURE(settings.role, sql);
            CHECK(refused(settings, sql, "*"));
        }
    }
    CHECK(db.verbs() == before);
}

TEST_CASE("who writes the log chooses neither its time nor its transaction nor its number") {
    test::Tenants db;
    for (const char* sql :
         {"insert into tenants.audit (actor, verb, at) values ('a', 'a test', now())",
          "insert into tenants.audit (actor, verb, xid) values ('a', 'a test', '1')",
          "insert into tenants.audit (id, actor, verb) overriding system value values (1, 'a', 'a test')"}) {
        CAPTURE(sql);
        CHECK(refused(db.database().service("operator"), sql, "*"));
    }
}

TEST_CASE("no change is made without its row in the audit log of the same transaction") {
    test::Tenants db;
    const std::string acme = db.tenant("acme").id.text();
    const std::string beta = db.tenant("beta").id.text();
    db.source("acme", {.slug = "shop", .secret = NewSecret{}});
    must(db.run([](Transaction& tx) { return add_operator(tx, test::admin(), {.name = "bob"}); }));
    const std::vector<std::string> changes{
        "update tenants.tenant set plan = 'pro' where slug = 'acme'",
        "update tenants.source set disabled_at = now()",
        "update tenants.secret set retired_at = now()",
        "update tenants.operator set retired_at = now()",
        "insert into tenants.alias (tenant, source, path) select tenant, source, '/x' from tenants.source",
        "insert into tenants.school_code select tenant, source, '1' from tenants.source",
        "insert into tenants.tenant values (gen_random_uuid(), 'new', 'new', 'free', 'UTC')",
        "insert into tenants.source (tenant, source, slug, provider, settings) values ('" + acme +
            "', gen_random_uuid(), 'new', 'stripe', '{}')",
        "insert into tenants.operator (name, role, token_sha256) values ('eve', 'admin', sha256('x'))"};
    const auto record_for = [](const std::string& tenant) {
        return "; insert into tenants.audit (tenant, actor, verb) values (" + tenant + ", 'a', 'a test')";
    };
    const auto operators = db.database().service("operator");
    for (const auto& settings : {operators, db.database().service("console"), db.database().owner()}) {
        for (const std::string& change : changes) {
            CAPTURE(settings.role, change);
            CHECK(refused(settings, change, "*"));
            CHECK(refused(settings, "set constraints all immediate; " + change, "*"));
            CHECK(refused(settings, "savepoint a" + record_for("null") + "; rollback to a; " + change, "*"));
            if (!change.contains("operator"))
                CHECK(refused(settings, change + record_for("'" + beta + "'"), "*"));
        }
    }
    for (const std::string& change : changes) {
        CAPTURE(change);
        CHECK_FALSE(refused(operators, change + record_for("null"), "*"));
    }
}

TEST_CASE("a verb that is rolled back leaves no record, and one with a record has been done") {
    test::Tenants db;
    const auto before = entries(db);
    const Result<void> failed = db.run([](Transaction& tx) -> Result<void> {
        must(create_tenant(tx, test::admin(), {.slug = "acme", .name = ""}));
        return fail(ErrorCode::internal, "after it");
    });
    REQUIRE_FALSE(failed.has_value());
    CHECK(entries(db) == before);
    db.tenant("acme");
    CHECK(entries(db) == before + 1);
}

TEST_CASE("the log is filtered by tenant, actor, verb and time, the newest first") {
    test::Tenants db;
    db.tenant("acme");
    db.tenant("beta");
    db.source("beta", {.slug = "shop", .secret = NewSecret{}});
    const Actor bob{.name = "bob", .role = Role::operator_, .tenants = {}};
    must(db.run([&](Transaction& tx) { return disable_source(tx, bob, "beta", "shop", "noisy"); }));
    const auto count = [&](const AuditFilter& filter) {
        return must(db.run([&](Transaction& tx) { return list_audit(tx, test::admin(), filter); })).size();
    };
    CHECK(count({}) == 4);
    CHECK(count({.tenant = "beta"}) == 3);
    CHECK(count({.actor = "bob"}) == 1);
    CHECK(count({.verb = "source"}) == 2);
    CHECK(count({.verb = "source disable"}) == 1);
    CHECK(count({.verb = "sourc"}) == 0);
    CHECK(count({.limit = 2}) == 2);
    const auto all = must(db.run([](Transaction& tx) { return list_audit(tx, test::admin(), {}); }));
    CHECK(all.front().verb == "source disable");
    CHECK(count({.since = all[1].at}) == 2);
    CHECK(count({.until = all[1].at}) == 2);
    CHECK(all.front().reason == "noisy");
}
