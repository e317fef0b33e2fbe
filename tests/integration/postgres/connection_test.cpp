#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "postgres/pool.hpp"
#include "postgres/transaction.hpp"
#include "support/database.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::postgres;
using test::open;

namespace {

ErrorCode code_of_failing(Connection& connection, std::string_view sql) {
    try {
        connection.execute(sql);
    } catch (const SqlError& error) {
        return error.code();
    }
    FAIL("did not fail: " << sql);
    return {};
}

}  // namespace

TEST_CASE("every type comes back as it was sent") {
    const test::Database database;
    Connection connection = open(database.owner());
    const Uuid id = make_uuid_v7();
    const Timestamp now = SystemClock{}.now();
    const std::string bytes("\0\xff'\\\n", 5);
    const auto row = connection.execute(
        "select $1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9", true, std::int32_t{-3}, std::int64_t{1} << 40U,
        "it's \xC3\xBC", Bytes{bytes}, id, now, Json{R"({"a": 1})"}, std::optional<std::int64_t>{});
    CHECK(row.only().get<bool>(0));
    CHECK(row.only().get<std::int32_t>(1) == -3);
    CHECK(row.only().get<std::int64_t>(2) == std::int64_t{1} << 40U);
    CHECK(row.only().get<std::string>(3) == "it's \xC3\xBC");
    CHECK(row.only().get<std::string_view>(4) == bytes);
    CHECK(row.only().get<Uuid>(5) == id);
    CHECK(row.only().get<Timestamp>(6) == now);
    CHECK(row.only().get<std::string>(7) == R"({"a": 1})");
    CHECK(row.only().get<std::optional<std::int64_t>>(8) == std::nullopt);
    CHECK_THROWS_WITH(row.only().get<std::int64_t>(8), Catch::Contains("null"));
}

TEST_CASE("arrays of every kind arrive whole including empty ones and nulls") {
    const test::Database database;
    Connection connection = open(database.owner());
    const std::vector<Bytes> bodies{{"a"}, {std::string_view("\0", 1)}, {""}};
    const std::vector<std::optional<std::string>> names{"x", std::nullopt};
    const std::vector<Uuid> ids{make_uuid_v7(), make_uuid_v7()};
    const auto row = connection.execute(
        "select octet_length($1[2]), cardinality($2), $2[2] is null, $3[2] = $4, cardinality($5)", bodies,
        names, ids, ids[1], std::vector<std::int64_t>{});
    CHECK(row.only().as<std::int32_t, std::int32_t, bool, bool, std::int32_t>() ==
          std::tuple{1, 2, true, true, 0});
}

TEST_CASE("one text with two parameter types is two statements") {
    const test::Database database;
    Connection connection = open(database.owner());
    CHECK(connection.execute("select $1::text", std::int32_t{5}).only().get<std::string>(0) == "5");
    CHECK(connection.execute("select $1::text", "five").only().get<std::string>(0) == "five");
    CHECK(connection.execute("select $1::text", std::int32_t{6}).only().get<std::string>(0) == "6");
}

TEST_CASE("a failed statement is classified and leaves the connection usable") {
    const test::Database database;
    Connection connection = open(database.owner());
    CHECK(code_of_failing(connection, "select 1/0") == ErrorCode::bad_data);
    CHECK(code_of_failing(connection, "select * from nowhere") == ErrorCode::misconfigured);
    CHECK(code_of_failing(connection, "selct") == ErrorCode::internal);
    CHECK(connection.execute("select 1").only().get<std::int32_t>(0) == 1);
}

TEST_CASE("an error tells neither the row nor the password") {
    const test::Database database;
    Connection connection = open(database.owner());
    connection.execute_script(
        "create table t (email text primary key); insert into t values ('ann@example.com')");
    try {
        connection.execute("insert into t values ($1)", "ann@example.com");
        FAIL("a duplicate was inserted");
    } catch (const SqlError& error) {
        CHECK_THAT(error.what(), !Catch::Contains("ann@example.com"));
        CHECK(error.sqlstate() == "23505");
    }
    const auto refused = Connection::open({.url = Secret{"postgresql://someone:hunter2@127.0.0.1:1/x"}});
    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().text(), !Catch::Contains("hunter2") && Catch::Contains("127.0.0.1:1"));
    CHECK(refused.error().code == ErrorCode::unavailable);
}

TEST_CASE("who finds by an index does so in a table that its statistics call empty") {
    const test::Database database;
    open(database.owner()).execute_script("create table queue (id uuid primary key, state text)");
    // Of the table, and of its index.
    const auto scans_of = [&](bool finds_by_index) {
        ConnectionSettings settings = database.owner();
        settings.finds_by_index = finds_by_index;
        Connection connection = open(settings);
        connection.execute_script("begin");
        const std::vector<Uuid> wanted(500, make_uuid_v7());
        // A prepared statement keeps its plan from the sixth time on.
        for (int i = 0; i < 10; ++i)
            connection.execute("update queue q set state = 'x' from unnest($1) w(id) where q.id = w.id",
                               wanted);
        const auto counted = connection.execute(
            "select seq_scan, idx_scan from pg_stat_xact_user_tables where relname = 'queue'");
        connection.execute_script("rollback");
        return std::vector{counted.only().get<std::int64_t>(0), counted.only().get<std::int64_t>(1)};
    };
    CHECK(scans_of(false).front() > 0);
    CHECK(scans_of(true) == std::vector<std::int64_t>{0, 5000});
}

TEST_CASE("who finds by an index keeps a plan for any values and makes it anew after a while") {
    const test::Database database;
    // What is immutable is worked out when a statement is planned.
    open(database.owner())
        .execute_script(
            "create sequence plan; create function the_plan() returns bigint immutable language plpgsql as "
            "'begin return nextval(''plan''); end'");
    auto settings = database.owner();
    settings.finds_by_index = true;
    Connection connection = open(settings);
    const auto plan_of = [&](std::int64_t value) {
        return connection
            .execute("select the_plan() from unnest($1) w(value)", std::vector<std::int64_t>{value})
            .only()
            .get<std::int64_t>(0);
    };
    constexpr std::int64_t times = 200;
    std::set<std::int64_t> plans;
    for (std::int64_t i = 0; i < times; ++i) plans.insert(plan_of(i));
    CHECK(plans.size() < times / 10);
    const std::int64_t last = *plans.rbegin();
    CHECK(test::wait_until([&] { return plan_of(0) > last; }, std::chrono::seconds{10}));
    // Also in a transaction.
    connection.execute_script("begin");
    CHECK(test::wait_until([&, kept = plan_of(0)] { return plan_of(0) > kept; }, std::chrono::seconds{10}));
    connection.execute_script("commit");
}

TEST_CASE("a transaction keeps what it committed and nothing else") {
    const test::Database database;
    Connection connection = open(database.owner());
    connection.execute_script("create table t (n int)");
    CHECK(transact(connection, [](Transaction& tx) { tx.execute("insert into t values (1)"); }).has_value());
    const auto refused = transact(connection, [](Transaction& tx) -> Result<int> {
        tx.execute("insert into t values (2)");
        return fail(ErrorCode::conflict, "changed my mind");
    });
    CHECK(refused.error().code == ErrorCode::conflict);
    const auto failed =
        transact(connection, [](Transaction& tx) { tx.execute("insert into t values (3), (1/0)"); });
    CHECK(failed.error().code == ErrorCode::bad_data);
    CHECK(connection.execute("select sum(n) from t").only().get<std::int64_t>(0) == 1);
}

TEST_CASE("a commit after a swallowed failure is an error and not a success") {
    const test::Database database;
    Connection connection = open(database.owner());
    const auto outcome =
        transact(connection, [](Transaction& tx) { CHECK_THROWS_AS(tx.execute("select 1/0"), SqlError); });
    CHECK_FALSE(outcome.has_value());
}

TEST_CASE("a backend that dies at commit leaves the outcome in doubt") {
    const test::Database database;
    Connection connection = open(database.owner());
    Connection other = open(database.owner());
    // The trigger ends its own backend while the commit is under way.
    connection.execute_script(
        "create table t (n int); create function die() returns trigger language plpgsql as "
        "$$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$; "
        "create constraint trigger at_commit after insert on t deferrable initially deferred "
        "for each row execute function die()");
    const auto outcome =
        transact(connection, [](Transaction& tx) { tx.execute("insert into t values (1)"); });
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code == ErrorCode::in_doubt);
    CHECK_FALSE(connection.usable());
    CHECK(other.execute("select count(*) from t").only().get<std::int64_t>(0) == 0);
}

TEST_CASE("a refusal that no waiting cures is told apart from a server that is away") {
    const test::Database database;
    const auto missing = Connection::open({.url = test::url_for("no_such_database")});
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == ErrorCode::misconfigured);
    const auto nobody = Connection::open({.url = test::url_for(database.name(), "no_such_login")});
    REQUIRE_FALSE(nobody.has_value());
    CHECK(nobody.error().code == ErrorCode::misconfigured);
    CHECK_THAT(nobody.error().detail, !Catch::Contains("LOCATION"));
}

TEST_CASE("a connection that was left in a transaction does not go back to its pool") {
    const test::Database database;
    Pool pool{{.connection = database.owner(), .connections_max = 1}};
    std::int32_t pid = 0;
    {
        auto connection = pool.acquire();
        REQUIRE(connection.has_value());
        pid = (*connection)->backend_pid();
        (*connection)->execute_script("begin");
    }
    CHECK((*pool.acquire())->backend_pid() != pid);
}

TEST_CASE("copy is refused and not waited for") {
    const test::Database database;
    Connection connection = open(database.owner());
    CHECK_THROWS_WITH(connection.execute_script("copy (select 1) to stdout"), Catch::Contains("COPY"));
    CHECK_FALSE(connection.usable());
}

TEST_CASE("a pool is bounded and replaces what the server closed") {
    const test::Database database;
    Pool pool{{.connection = database.owner(),
               .connections_max = 1,
               .acquire_timeout = std::chrono::milliseconds{20}}};
    std::int32_t first_pid = 0;
    {
        auto connection = pool.acquire();
        REQUIRE(connection.has_value());
        first_pid = (*connection)->backend_pid();
        const auto second = pool.acquire();
        REQUIRE_FALSE(second.has_value());
        CHECK(second.error().code == ErrorCode::overloaded);
    }
    CHECK((*pool.acquire())->backend_pid() == first_pid);
    Connection other = open(database.owner());
    other.execute("select pg_terminate_backend($1, 5000)", first_pid);
    const auto alive = transact(pool, [](Transaction& tx) { return tx.execute("select 1").size(); });
    CHECK(alive == 1U);
    CHECK(pool.in_use() == 0);
}

TEST_CASE("an idle transaction is ended by the server so that it holds no lock") {
    const test::Database database;
    ConnectionSettings settings = database.owner();
    settings.idle_in_transaction_timeout = std::chrono::milliseconds{100};
    Connection connection = open(settings);
    Connection other = open(database.owner());
    connection.execute_script("create table t (n int); insert into t values (1)");
    Transaction transaction{connection};
    transaction.execute("update t set n = 2");
    // Waits for the row lock, which goes when the server ends the idle one.
    other.execute("update t set n = 3");
    CHECK_THROWS_AS(transaction.execute("select 1"), SqlError);
    CHECK_FALSE(connection.usable());
}
