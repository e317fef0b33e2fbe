#include <csignal>

#include <catch2/catch.hpp>

#include "registry_fixture.hpp"
#include "support/postgres_server.hpp"

using namespace tollgate;
using namespace tollgate::tenants;
using postgres::Transaction;
using test::admin;
using test::must;
using test::Running;
using test::wait_until;
using Shop = test::RegisteredShop;

TEST_CASE("a registry that was never read finds nothing and is not ready") {
    Running registry{postgres::ConnectionSettings{.url = Secret{"postgresql://u@127.0.0.1:1/x"}}};
    CHECK(registry.find("acme", "shop") == nullptr);
    CHECK(registry->directory()->find_alias("/webhooks/stripe") == nullptr);
    CHECK(registry->directory()->find_school("SCH-1") == nullptr);
    REQUIRE_FALSE(registry->check().has_value());
    CHECK(registry->check().error().code == ErrorCode::unavailable);
}

TEST_CASE("a change is seen also when its notification is not") {
    Shop db;
    Running registry{db.settings("ingress")};
    REQUIRE(registry.read());
    // It no longer listens, and does not know.
    postgres::Connection owner = test::open(db.database().owner());
    owner.execute_script(
        "create or replace function pg_temp.nothing() returns int language sql as 'select 1'");
    owner.execute_script(
        "create or replace function tenants.mark_change() returns trigger language plpgsql security definer "
        "set search_path = pg_catalog, pg_temp as $$ begin update tenants.revision r set number = r.number + "
        "1 "
        "returning r.number into new.revision; return new; end $$");
    db.secret("acme", "shop", {});
    CHECK(registry.becomes([](const Directory& d) { return d.find("acme", "shop")->secrets.size() == 2; },
                           std::chrono::seconds{2}));
}

TEST_CASE("a secret that no key opens costs its source that secret, and nobody else anything") {
    Shop db;
    db.secret("acme", "shop", {}, test::keyring({"lost"}));
    db.source("acme", {.slug = "dark", .secret = NewSecret{}}, test::keyring({"lost"}));
    db.source("acme", {.slug = "broken", .secret = NewSecret{}});
    Running registry{db.settings("ingress")};
    REQUIRE(registry.read());
    CHECK(registry.find("acme", "shop")->secrets.size() == 1);
    CHECK(registry.find("acme", "shop")->unopened_secrets == 1);
    CHECK(registry.find("acme", "dark")->secrets.empty());
    CHECK(registry.find("acme", "broken")->prepared == nullptr);
    CHECK(registry.find("acme", "shop")->prepared != nullptr);
    // One that comes later changes nothing but that.
    const auto later = db.secret("acme", "shop", {}, test::keyring({"lost"})).id;
    CHECK(registry.becomes([](const Directory& d) { return d.find("acme", "shop")->unopened_secrets == 2; }));
    must(db.run([&](Transaction& tx) { return retire_secret(tx, admin(), "acme", "shop", later, {}); }));
    CHECK(registry.becomes([](const Directory& d) { return d.find("acme", "shop")->unopened_secrets == 1; }));
}

TEST_CASE("a connection that is ended is made again, with what has changed meanwhile") {
    Shop db;
    auto settings = db.settings("ingress");
    settings.application_name = "registry";
    Running registry{settings};
    REQUIRE(registry.read());
    const auto shop = registry.find("acme", "shop");
    for (int i = 0; i < 3; ++i) {
        postgres::Connection other = test::open(db.database().owner());
        CHECK_FALSE(other
                        .execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = "
                                 "current_database() and application_name = 'registry'")
                        .empty());
        const std::string slug = "after-" + std::to_string(i);
        db.source("acme", {.slug = slug});
        CHECK(registry.becomes([&](const Directory& d) { return d.find("acme", slug) != nullptr; }));
    }
    CHECK(registry.find("acme", "shop") == shop);
}

TEST_CASE("after a connection was lost everything is read, whatever the number of the last change is") {
    Shop db;
    auto settings = db.settings("ingress");
    settings.application_name = "registry";
    Running registry{settings, {.look_every = std::chrono::milliseconds{50}}};
    REQUIRE(registry.read());
    // As when a standby took over that had not got the last change, and then another one was made there.
    postgres::Connection owner = test::open(db.database().owner());
    owner.execute_script(
        "begin; set local tollgate.tenant = '*'; alter table tenants.source disable trigger revised; "
        "insert into tenants.audit (actor, verb) values ('a', 'a test'); "
        "update tenants.source set settings = '{\"other\": 1}'; set constraints all immediate; "
        "alter table tenants.source enable trigger revised; commit");
    CHECK(registry.find("acme", "shop")->settings == "{}");
    owner.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'registry' and "
        "datname = current_database()");
    CHECK(registry.becomes([](const Directory& d) { return d.find("acme", "shop")->settings != "{}"; }));
}

TEST_CASE("while the server is away or frozen what was read last holds on") {
    test::PostgresServer server;
    postgres::Connection owner = test::open({.url = server.url()});
    must(postgres::migrate(owner, test::tenants_schemas, [](const std::string&) {}));
    server.administer("create role svc login noinherit");
    server.administer("grant tollgate_ingress, tollgate_operator to svc");
    const auto add = [&](const std::string& slug) {
        postgres::Connection connection =
            test::open({.url = server.url("app", "svc"), .role = "tollgate_operator"});
        must(transact(connection, [&](Transaction& tx) -> Result<void> {
            if (slug == "first") must(create_tenant(tx, admin(), {.slug = "acme", .name = ""}));
            must(create_source(tx, admin(), {test::catalogue(), test::keyring()}, "acme",
                               {.slug = slug, .provider = "stripe", .secret = NewSecret{}}));
            return {};
        }));
    };
    add("first");
    Running registry{{.url = server.url("app", "svc"), .role = "tollgate_ingress"},
                     {.look_every = std::chrono::milliseconds{100},
                      .reconnect_pause_max = std::chrono::milliseconds{500},
                      .statement_timeout = std::chrono::milliseconds{500},
                      .stale_after = std::chrono::seconds{1}}};
    REQUIRE(registry.read());
    const auto first = registry.find("acme", "first");
    REQUIRE(first != nullptr);
    const auto is_stale = [&] {
        return wait_until([&] { return !registry->check().has_value(); }) &&
               registry.find("acme", "first") == first;
    };
    server.stop();
    CHECK(is_stale());
    server.start();
    CHECK(registry.read());
    add("second");
    CHECK(registry.becomes([](const Directory& d) { return d.find("acme", "second") != nullptr; }));

    postgres::Connection other = test::open({.url = server.url("app", "svc"), .role = "tollgate_ingress"});
    std::vector<pid_t> backends;
    for (const postgres::Row row :
         other.execute("select pid from pg_stat_activity where usename = 'svc' and pid <> pg_backend_pid()"))
        backends.push_back(row.get<std::int32_t>(0));
    server.signal(SIGSTOP);
    for (const pid_t pid : backends) kill(pid, SIGSTOP);
    CHECK(is_stale());
    for (const pid_t pid : backends) kill(pid, SIGCONT);
    server.signal(SIGCONT);
    CHECK(registry.read());
    add("third");
    CHECK(registry.becomes([](const Directory& d) { return d.find("acme", "third") != nullptr; }));
    CHECK(registry.find("acme", "first") == first);
}

TEST_CASE("a server that went back to an earlier state is read anew") {
    Shop db;
    Running registry{db.settings("ingress"), {.look_every = std::chrono::milliseconds{50}}};
    REQUIRE(registry.read());
    // As after a dump was restored: the last changes are not there, and the number goes on from an earlier
    // one.
    postgres::Connection owner = test::open(db.database().owner());
    owner.execute_script("update tenants.revision set number = 1");
    db.secret("acme", "shop", {});
    CHECK(registry.becomes([](const Directory& d) { return d.find("acme", "shop")->secrets.size() == 2; }));
}
