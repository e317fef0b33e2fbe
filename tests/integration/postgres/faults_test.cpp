#include <csignal>
#include <thread>

#include <catch2/catch.hpp>

#include "postgres/pool.hpp"
#include "support/database.hpp"
#include "support/postgres_server.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::postgres;
using test::open;

TEST_CASE("a commit that gave up waiting for its standby is in doubt and not a success") {
    // The server must wait for a standby that is not there, until somebody cancels the wait.
    test::PostgresServer server{{"synchronous_standby_names=nobody"}};
    Connection setup = open({.url = server.url()});
    setup.execute_script("set synchronous_commit = local; create table t (n int)");
    Connection connection = open({.url = server.url()});
    const std::jthread canceller{[&, pid = connection.backend_pid()] {
        test::wait_until([&] {
            const auto rows = setup.execute(
                "select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and wait_event = "
                "'SyncRep'",
                pid);
            return !rows.empty();
        });
    }};
    const auto outcome =
        transact(connection, [](Transaction& tx) { tx.execute("insert into t values (1)"); });
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code == ErrorCode::in_doubt);
    CHECK(connection.usable());
}

TEST_CASE("a pool works again after the server was restarted") {
    test::PostgresServer server;
    Pool pool{{.connection = {.url = server.url()}, .connections_max = 2}};
    const auto ask = [&] {
        return transact(pool, [](Transaction& tx) { return tx.execute("select 1").size(); });
    };
    REQUIRE(ask() == 1U);
    server.stop();
    const auto down = ask();
    REQUIRE_FALSE(down.has_value());
    CHECK(down.error().code == ErrorCode::unavailable);
    server.start();
    CHECK(ask() == 1U);
}

TEST_CASE("a server that stops answering is given up after the deadline and the thread is free") {
    test::PostgresServer server;
    Connection connection = open({.url = server.url(), .statement_timeout = std::chrono::milliseconds{100}});
    // Our own backend, so that the line stays open and silent.
    const std::int32_t backend = connection.backend_pid();
    kill(backend, SIGSTOP);
    const auto outcome = transact(connection, [](Transaction& tx) { tx.execute("select 1"); });
    kill(backend, SIGCONT);
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code == ErrorCode::timed_out);
    CHECK_FALSE(connection.usable());
}

TEST_CASE("a login is said to lack a role only if the server says so") {
    test::PostgresServer server;
    Connection superuser = open({.url = server.url("postgres", "postgres")});
    superuser.execute_script("create role worker");
    ConnectionSettings settings{
        .url = server.url(), .role = "worker", .statement_timeout = std::chrono::milliseconds{100}};
    const auto why = [&] {
        const auto opened = Connection::open(settings);
        REQUIRE_FALSE(opened.has_value());
        return opened.error();
    };
    CHECK(why().code == ErrorCode::misconfigured);
    CHECK_THAT(why().detail, Catch::Contains("may not work as worker: run `tollgate migrate"));
    superuser.execute_script("begin; lock table pg_auth_members in access exclusive mode");
    CHECK(why().code == ErrorCode::timed_out);
    superuser.execute_script("rollback; grant worker to tollgate_test");
    CHECK(Connection::open(settings).has_value());
    settings.role = "nobody";
    CHECK(why().code == ErrorCode::misconfigured);
}
