#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "tenants/destinations.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Row;
using postgres::Transaction;
using test::must;
using test::refused;

namespace {

constexpr auto of_tenants = std::to_array<const char*>(
    {"tenant", "source", "alias", "school_code", "secret", "destination", "audit"});

// A login that is a member of one role alone, as in a deployment with a login for each service.
class OneRole {
public:
    OneRole(const test::Database& database, const std::string& role)
        : owner_{test::open(database.owner())}, login_{database.name() + "_" + role} {
        owner_.execute_script(
            fmt::format("create role {0} login noinherit; grant tollgate_{1} to {0}", login_, role));
        settings_ = {.url = test::url_for(database.name(), login_), .role = "tollgate_" + role};
    }
    ~OneRole() { owner_.execute_script("drop role " + login_); }
    OneRole(const OneRole&) = delete;
    OneRole& operator=(const OneRole&) = delete;

    const postgres::ConnectionSettings& settings() const { return settings_; }

private:
    postgres::Connection owner_;
    std::string login_;
    postgres::ConnectionSettings settings_;
};

std::int64_t count(const postgres::ConnectionSettings& settings, const std::string& table,
                   const std::string& tenant_setting) {
    postgres::Connection connection = test::open(settings);
    return must(transact(connection, [&](Transaction& tx) {
        if (!tenant_setting.empty())
            tx.execute("select set_config('tollgate.tenant', $1, true)", tenant_setting);
        return tx.execute("select count(*) from tenants." + table).only().get<std::int64_t>(0);
    }));
}

CheckedSecret checked_secret() {
    return must(check_secret(DestinationKind::slack_webhook, Secret{"https://example.com/hook"},
                             [](const std::string&) -> Result<std::string> { return "example.com"; }));
}

struct TwoTenants : test::Tenants {
    TwoTenants() {
        for (const std::string slug : {"acme", "beta"}) {
            tenant(slug);
            source(slug, {.slug = "shop",
                          .aliases = {"/hooks/" + slug},
                          .school_codes = {slug},
                          .secret = NewSecret{}});
            must(run([&](Transaction& tx) {
                return create_destination(tx, test::admin(), test::keyring(), slug,
                                          {.slug = "billing", .secret = checked_secret()});
            }));
        }
        acme = must(run([](Transaction& tx) { return show_tenant(tx, test::admin(), "acme"); })).id.text();
        beta = must(run([](Transaction& tx) { return show_tenant(tx, test::admin(), "beta"); })).id.text();
    }
    std::string acme;
    std::string beta;
};

}  // namespace

TEST_CASE("operators and console see the tenants of their transaction, and without any nothing") {
    const TwoTenants db;
    for (const std::string service : {"operator", "console"}) {
        for (const std::string table : of_tenants) {
            CAPTURE(service, table);
            const std::int64_t each = table == "audit" ? 3 : 1;
            const auto settings = db.database().service(service);
            CHECK(count(settings, table, "") == 0);
            CHECK(count(settings, table, db.acme) == each);
            CHECK(count(settings, table, db.acme + "," + db.beta) == 2 * each);
            CHECK(count(settings, table, "*") == 2 * each);
            for (const std::string odd : {"acme", "**", "%", " *", "*,", ",", "null"})
                CHECK(count(settings, table, odd) == 0);
        }
    }
    // What one transaction has set, the next one of the connection does not have.
    postgres::Connection connection = test::open(db.database().service("operator"));
    REQUIRE(transact(connection, [&](Transaction& tx) { see_all_tenants(tx); }));
    CHECK(connection.execute("select count(*) from tenants.tenant").only().get<std::int64_t>(0) == 0);
    // The owner of the tables is no exception.
    CHECK(count(db.database().owner(), "secret", "") == 0);
    CHECK(count(db.database().owner(), "destination", "") == 0);
}

TEST_CASE("rows of other tenants are neither changed nor made nor reached by a foreign key") {
    const TwoTenants db;
    postgres::Connection connection = test::open(db.database().service("operator"));
    const auto as_acme = [&](const std::string& sql) {
        return transact(connection, [&](Transaction& tx) {
            tx.execute("select set_config('tollgate.tenant', $1, true)", db.acme);
            tx.execute(
                "insert into tenants.audit (tenant, actor, verb) values ($1::text::uuid, 'a', 'a test')",
                db.acme);
            return tx.execute(sql).affected();
        });
    };
    CHECK(as_acme("update tenants.tenant set plan = 'pro'") == 1);
    CHECK(as_acme("update tenants.source set settings = '{}' where tenant = '" + db.beta + "'") == 0);
    CHECK(as_acme("update tenants.secret set retired_at = now() where tenant <> '" + db.acme + "'") == 0);
    CHECK(refused(db.database().service("operator"),
                  "insert into tenants.source (tenant, source, slug, provider, settings) values ('" +
                      db.beta + "', gen_random_uuid(), 'mine', 'stripe', '{}')",
                  db.acme));
    CHECK(refused(db.database().service("operator"),
                  "insert into tenants.audit (tenant, actor, verb) values ('" + db.beta + "', 'a', 'a test')",
                  db.acme));
    CHECK(refused(db.database().service("operator"),
                  "insert into tenants.audit (actor, verb) values ('a', 'a test')", db.acme));
    // The other's source with one's own tenant.
    const auto other = as_acme("insert into tenants.alias (tenant, source, path) values ('" + db.acme +
                               "', (select max(source::text)::uuid from tenants.source), '/x')");
    CHECK(other == 1);
    postgres::Connection owner = test::open(db.database().owner());
    const auto foreign = must(transact(owner, [&](Transaction& tx) {
        see_all_tenants(tx);
        return tx.execute("select source::text from tenants.source where tenant = $1::text::uuid", db.beta)
            .only()
            .get<std::string>(0);
    }));
    const auto crossed = as_acme("insert into tenants.alias (tenant, source, path) values ('" + db.acme +
                                 "', '" + foreign + "', '/y')");
    REQUIRE_FALSE(crossed.has_value());
    CHECK(crossed.error().code == ErrorCode::bad_data);
}

TEST_CASE("row security is not switched off, and no other role is taken") {
    const TwoTenants db;
    const OneRole login{db.database(), "operator"};
    for (const char* trick :
         {"set role tollgate_ingress", "set role tollgate_test", "set session authorization tollgate_test",
          "set row_security = off; select * from tenants.tenant",
          "alter table tenants.tenant no force row level security", "drop policy by_tenant on tenants.tenant",
          "create policy mine on tenants.tenant using (true)", "alter role tollgate_operator bypassrls",
          "select tenants.record_use('{}', '{}')", "select token_sha256 from tenants.operator",
          "update tenants.tenant set slug = 'x'",
          "create or replace function tenants.sees(uuid) returns boolean language sql as 'select true'",
          "alter table tenants.audit disable trigger all", "set session_replication_role = replica",
          "create function tenants.mine() returns int language sql as 'select 1'",
          "create table tenants.mine (n integer)", "copy tenants.secret to program 'cat'"}) {
        CAPTURE(trick);
        CHECK(refused(login.settings(), trick, "*"));
    }
    // Without its role a login has nothing at all.
    CHECK(refused(login.settings(), "reset role; select * from tenants.tenant", "*"));
    // A view or a function of one's own runs with one's own rights.
    CHECK(refused(login.settings(),
                  "create view pg_temp.mine as select * from tenants.operator; select * from mine"));
}

TEST_CASE(
    "ingress reads all sources and notes uses, enrichment their settings, delivery destinations, and no "
    "more") {
    const TwoTenants db;
    const auto ingress = db.database().service("ingress");
    CHECK(count(ingress, "secret", "") == 2);
    CHECK(count(ingress, "secret", db.acme) == 2);
    for (const char* sql :
         {"select * from tenants.audit", "select * from tenants.operator",
          "select * from tenants.operator_of('x')", "update tenants.secret set last_used_at = now()",
          "update tenants.source set disabled_at = null", "update tenants.revision set number = 0",
          "insert into tenants.revision (number) values (1)",
          "insert into tenants.audit (actor, verb) values ('a', 'a test')", "delete from tenants.alias",
          "truncate tenants.alias"}) {
        CAPTURE(sql);
        CHECK(refused(ingress, sql));
    }
    for (const std::string service : {"relay", "enrichment", "billing", "delivery"}) {
        for (const std::string table : of_tenants) {
            CAPTURE(service, table);
            if (service == "delivery" && table == "destination") continue;
            CHECK(refused(db.database().service(service), "select * from tenants." + table));
        }
    }
    CHECK(count(db.database().service("delivery"), "destination", "") == 2);
    CHECK_FALSE(refused(db.database().service("delivery"), "select slug, time_zone from tenants.tenant"));
    // But for what an event means by its source's settings.
    const auto enrichment = db.database().service("enrichment");
    CHECK_FALSE(refused(enrichment, "select tenant, slug, settings from tenants.source"));
    CHECK(refused(enrichment, "select disabled_at from tenants.source"));
    CHECK(refused(enrichment, "update tenants.source set settings = '{}'"));
    for (const std::string service : {"relay", "billing", "delivery"})
        CHECK(refused(db.database().service(service), "select from tenants.source"));
}

TEST_CASE("what runs with the owner's rights looks nowhere else for names, and is not everybody's") {
    const test::Tenants db;
    postgres::Connection owner = test::open(db.database().owner());
    for (const Row row : owner.execute(
             "select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace "
             "where n.nspname = 'tenants' and (has_function_privilege('public', p.oid, 'execute') or "
             "p.prosecdef and "
             "(p.proconfig is null or not 'search_path=pg_catalog, pg_temp' = any (p.proconfig)))")) {
        CAPTURE(row.get<std::string>(0));
        CHECK(false);
    }
    for (const Row row :
         owner.execute("select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = "
                       "c.relnamespace where "
                       "n.nspname = 'tenants' and c.relkind = 'r' and c.relname <> 'revision' and not "
                       "(c.relrowsecurity and c.relforcerowsecurity)")) {
        CAPTURE(row.get<std::string>(0));
        CHECK(false);
    }
}
