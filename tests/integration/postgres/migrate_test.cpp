#include "postgres/migrate.hpp"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "postgres/rights.hpp"
#include "postgres/transaction.hpp"
#include "support/database.hpp"
#include "support/postgres_server.hpp"

using namespace tollgate;
using namespace tollgate::postgres;
using test::open;

namespace {

void silent(const std::string&) {}

Migration migration(int number, std::string_view sql, int release = 1) {
    return {
        .number = number, .name = number == 1 ? "001_first" : "002_second", .release = release, .sql = sql};
}

Schema shop(std::span<const Migration> migrations) {
    static constexpr std::string_view needs[] = {"tollgate"};
    return {.name = "shop", .needs = needs, .migrations = migrations};
}

}  // namespace

TEST_CASE("migrate runs what is missing once and in order") {
    const test::Database database;
    Connection connection = open(database.owner());
    const Migration both[] = {migration(1, "create table shop.a ()"), migration(2, "create table shop.b ()")};
    const Schema first = shop({both, 1});
    const Schema* const old_schemas[] = {&first, &postgres::schema()};
    const auto builtin = postgres::schema().migrations.size();
    CHECK(migrate(connection, old_schemas, silent) == builtin + 1);

    const Schema second = shop(both);
    const Schema* const schemas[] = {&second, &postgres::schema()};
    CHECK_THAT(check_migrated(connection, schemas).error().detail,
               Catch::Contains("002_second has not been run"));
    std::vector<std::string> ran;
    CHECK(migrate(connection, schemas, [&](const std::string& title) { ran.push_back(title); }) == 1U);
    CHECK(ran == std::vector<std::string>{"applying shop 002_second"});
    CHECK(migrate(connection, schemas, silent) == 0U);
    CHECK(check_migrated(connection, schemas).has_value());
}

TEST_CASE("a migration that fails leaves nothing of itself and names itself") {
    const test::Database database;
    Connection connection = open(database.owner());
    const Migration broken[] = {migration(1, "create table shop.a (); select 1/0")};
    const Schema schema = shop(broken);
    const Schema* const schemas[] = {&postgres::schema(), &schema};
    const auto outcome = migrate(connection, schemas, silent);
    REQUIRE_FALSE(outcome.has_value());
    CHECK_THAT(outcome.error().detail, Catch::Contains("migration shop 001_first"));
    CHECK(connection.execute("select to_regclass('shop.a') is null").only().get<bool>(0));
}

TEST_CASE("a migration changed after it ran is refused and nothing is run") {
    const test::Database database;
    Connection connection = open(database.owner());
    const Migration original[] = {migration(1, "create table shop.a ()")};
    const Schema schema = shop(original);
    const Schema* const schemas[] = {&postgres::schema(), &schema};
    REQUIRE(migrate(connection, schemas, silent).has_value());

    const Migration edited[] = {migration(1, "create table shop.a (n int)"),
                                migration(2, "create table shop.b ()")};
    const Schema changed = shop(edited);
    const Schema* const changed_schemas[] = {&postgres::schema(), &changed};
    const auto outcome = migrate(connection, changed_schemas, silent);
    REQUIRE_FALSE(outcome.has_value());
    CHECK_THAT(outcome.error().detail, Catch::Contains("shop 001_first was changed"));
    CHECK(connection.execute("select to_regclass('shop.b') is null").only().get<bool>(0));
}

TEST_CASE("a program accepts a database of its release and of the next and no other") {
    const test::Database database;
    Connection connection = open(database.owner());
    const Schema* const schemas[] = {&postgres::schema()};
    CHECK_THAT(check_migrated(connection, schemas).error().detail, Catch::Contains("tollgate migrate"));
    REQUIRE(migrate(connection, schemas, silent).has_value());
    const auto pretend = [&](int release) {
        connection.execute(
            "insert into tollgate.migration (schema_name, number, name, release, checksum) "
            "values ('later', $1, '00x_later', $1, '')",
            std::int32_t{release});
    };
    pretend(2);
    CHECK(check_migrated(connection, schemas).has_value());
    CHECK(migrate(connection, schemas, silent) == 0U);
    pretend(3);
    CHECK_THAT(check_migrated(connection, schemas).error().detail,
               Catch::Contains("the database is of release 3") &&
                   Catch::Contains("use a tollgate of release 2 or 3"));
    CHECK_FALSE(migrate(connection, schemas, silent).has_value());
}

TEST_CASE("two migrators at once make one migration") {
    const test::Database database;
    const Schema* const schemas[] = {&postgres::schema()};
    std::atomic<std::size_t> ran{0};
    {
        std::vector<std::jthread> migrators;
        for (int i = 0; i < 4; ++i) {
            migrators.emplace_back([&] {
                Connection connection = open(database.owner());
                const auto outcome = migrate(connection, schemas, silent);
                CHECK(outcome.has_value());
                ran += outcome.value_or(1000);
            });
        }
    }
    CHECK(ran == postgres::schema().migrations.size());
}

TEST_CASE("a service may use what it was granted and nothing else") {
    const Schema* const schemas[] = {&postgres::schema()};
    const test::Database database{schemas};
    Connection service = open(database.service("ingress"));
    CHECK(service.execute("select current_user::text").only().get<std::string>(0) == "tollgate_ingress");
    CHECK(check_migrated(service, schemas).has_value());
    CHECK(refuse_too_many_rights(service).has_value());
    CHECK_THROWS_AS(service.execute("update tollgate.lease set epoch = 0"), SqlError);
    CHECK_THROWS_AS(service.execute("create table tollgate.mine ()"), SqlError);
    CHECK_THROWS_AS(service.execute("create table mine ()"), SqlError);
}

TEST_CASE("a login with too many rights is refused with the right that is too much") {
    // Roles belong to the whole server, so this has one of its own.
    test::PostgresServer server;
    Connection owner = open({.url = server.url()});
    const Schema* const schemas[] = {&postgres::schema()};
    REQUIRE(migrate(owner, schemas, silent).has_value());
    CHECK_THAT(refuse_too_many_rights(owner).error().detail, Catch::Contains("may create roles"));

    struct Example {
        std::string made;
        std::string told;
    };
    const std::vector<Example> examples{
        {"alter role svc superuser", "\"svc\" is a superuser"},
        {"alter role svc bypassrls", "\"svc\" bypasses row-level security"},
        {"alter role svc createdb", "\"svc\" may create databases"},
        {"create role boss superuser; grant boss to svc", "is a member of \"boss\", which is a superuser"},
        {"grant pg_execute_server_program to svc", "which reaches beyond its tables"},
        {"grant pg_write_all_data to svc", "which reaches beyond its tables"},
        {"alter database app owner to svc", "owns the database"},
        {"alter table tollgate.lease owner to svc", "owns tables of tollgate"},
        {"grant tollgate_test to svc", "is a member of \"tollgate_test\""},
    };
    for (const auto& [made, told] : examples) {
        INFO(made);
        server.administer_in("app", "create role svc login noinherit; grant tollgate_ingress to svc");
        {
            Connection right = open({.url = server.url("app", "svc"), .role = "tollgate_ingress"});
            CHECK(refuse_too_many_rights(right).has_value());
        }
        server.administer_in("app", made);
        {
            Connection excessive = open({.url = server.url("app", "svc"), .role = "tollgate_ingress"});
            const auto refused = refuse_too_many_rights(excessive);
            REQUIRE_FALSE(refused.has_value());
            CHECK(refused.error().code == ErrorCode::misconfigured);
            CHECK_THAT(refused.error().detail, Catch::Contains(told) && Catch::Contains("--grant-to"));
        }
        server.administer_in("app",
                             "reassign owned by svc to tollgate_test; drop owned by svc; drop role svc; "
                             "drop role if exists boss");
    }
}

TEST_CASE("granting the services' roles grants no other of the same first name") {
    test::PostgresServer server;
    Connection owner = open({.url = server.url()});
    const Schema* const schemas[] = {&postgres::schema()};
    REQUIRE(migrate(owner, schemas, silent).has_value());
    server.administer_in("app",
                         "create role tollgate_admins nologin createrole; create role svc login noinherit");
    REQUIRE(grant_roles(owner, "svc").has_value());
    Connection service = open({.url = server.url("app", "svc"), .role = "tollgate_billing"});
    CHECK(refuse_too_many_rights(service).has_value());
}

TEST_CASE("a login of one service takes its role, and loses those of the others that it had") {
    test::PostgresServer server;
    Connection owner = open({.url = server.url()});
    const Schema* const schemas[] = {&postgres::schema()};
    REQUIRE(migrate(owner, schemas, silent).has_value());
    server.administer_in("app", "create role svc login noinherit");
    REQUIRE(grant_roles(owner, "svc").has_value());
    CHECK(Connection::open({.url = server.url("app", "svc"), .role = "tollgate_operator"}).has_value());

    REQUIRE(grant_roles(owner, "svc", {"billing", "relay"}).has_value());
    for (const char* const role : {"tollgate_billing", "tollgate_relay"})
        CHECK(Connection::open({.url = server.url("app", "svc"), .role = role}).has_value());
    for (const char* const role : {"tollgate_ingress", "tollgate_operator", "tollgate_console"}) {
        const auto refused = Connection::open({.url = server.url("app", "svc"), .role = role});
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == ErrorCode::misconfigured);
    }

    const auto unheard_of = grant_roles(owner, "svc", {"bills"});
    REQUIRE_FALSE(unheard_of.has_value());
    CHECK(unheard_of.error().code == ErrorCode::invalid);
    CHECK_THAT(unheard_of.error().detail,
               Catch::Contains("no service \"bills\"") && Catch::Contains("billing, "));
}

TEST_CASE("granting to a login that is not there says so") {
    const Schema* const schemas[] = {&postgres::schema()};
    const test::Database database{schemas};
    Connection owner = open(database.owner());
    CHECK(grant_roles(owner, "nobody_here").error().code == ErrorCode::not_found);
}
