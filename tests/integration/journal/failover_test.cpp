#include <csignal>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "support/postgres_server.hpp"
#include "support/postgres_standby.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using test::must;
using test::TestReader;
using Numbers = std::vector<std::int64_t>;

namespace {

journal::Tenure begin_tenure(postgres::Connection& connection, std::int64_t epoch) {
    return must(journal::Tenure::begin(connection, make_uuid_v4(), epoch));
}

}  // namespace

TEST_CASE("ticks that a crash of the server forgets cost nothing and double nothing") {
    // What is committed asynchronously, as ticks are, is written only when somebody else flushes.
    test::PostgresServer server{{"wal_writer_delay=10s"}};
    const auto settings = test::migrate(server, "ingress");
    Numbers read;
    std::int64_t next = 1;
    int forgotten = 0;
    for (std::int64_t epoch = 1; epoch <= 4; ++epoch) {
        postgres::Connection connection = test::open(settings);
        must(journal::register_reader(connection, "billing"));
        journal::Tenure tenure = begin_tenure(connection, epoch);
        TestReader reader{settings, "billing", epoch};
        const auto keep = [&](const Numbers& some) { read.insert(read.end(), some.begin(), some.end()); };
        keep(reader.read_all());
        for (int i = 0; i < 5; ++i) {
            test::append(settings, {next++});
            must(tenure.tick_if_due());
            if (i == 2) keep(reader.read_all());
        }
        // It has seen ticks that are about to be forgotten, and not moved past them.
        const auto batch = must(reader.reader().next(1));
        REQUIRE(batch.has_value());
        const auto last_tick = [&](postgres::Connection& asked) {
            return asked.execute("select max(id) from journal.tick").only().get<std::int64_t>(0);
        };
        const auto before = last_tick(connection);
        server.signal(SIGQUIT);
        const auto ask = [](postgres::Transaction& tx) { tx.execute("select 1"); };
        REQUIRE(test::wait_until([&] { return !transact(reader.connection(), ask).has_value(); }));
        CHECK_FALSE(reader.move(batch->after).has_value());
        server.stop();
        server.start();
        postgres::Connection after = test::open(settings);
        if (last_tick(after) < before) ++forgotten;
    }
    CHECK(forgotten > 0);
    postgres::Connection connection = test::open(settings);
    journal::Tenure tenure = begin_tenure(connection, 9);
    for (const std::int64_t number : TestReader{settings, "billing", 9}.read_all()) read.push_back(number);
    Numbers expected;
    for (std::int64_t number = 1; number < next; ++number) expected.push_back(number);
    CHECK(read == expected);
}

TEST_CASE("after a standby was promoted the journal goes on where it was") {
    std::optional<test::PostgresServer> primary{std::in_place};
    const auto before = test::migrate(*primary, "ingress");
    test::PostgresStandby standby{*primary};
    auto after = before;
    after.url = standby.url("app", "services");

    postgres::Connection connection = test::open(before);
    must(journal::register_reader(connection, "billing"));
    journal::Tenure tenure = begin_tenure(connection, 1);
    TestReader reader{before, "billing", 1};
    test::append(before, {1});
    must(tenure.tick_if_due());
    CHECK(reader.read_all() == Numbers{1});
    test::append(before, {2});
    must(tenure.tick_if_due());
    test::OpenTransaction lost{before};
    lost.append({3});

    {
        postgres::Connection following = test::open(after);
        const auto refused = journal::Tenure::begin(following, make_uuid_v4(), 2);
        REQUIRE_FALSE(refused.has_value());
        CHECK(refused.error().code == ErrorCode::unavailable);
        const auto reached = connection.execute("select pg_current_wal_insert_lsn()::text");
        connection.execute("select pg_logical_emit_message(false, 'test', 'flush')::text");
        REQUIRE(test::wait_until([&] {
            return following
                .execute("select pg_last_wal_replay_lsn() >= $1::text::pg_lsn",
                         reached.only().get<std::string>(0))
                .only()
                .get<bool>(0);
        }));
    }
    primary->signal(SIGQUIT);
    standby.promote();

    postgres::Connection promoted = test::open(after);
    journal::Tenure next = begin_tenure(promoted, 2);
    TestReader again{after, "billing", 2};
    CHECK(again.read_all() == Numbers{2});
    test::append(after, {4});
    must(next.tick_if_due());
    CHECK(again.read_all() == Numbers{4});
}
