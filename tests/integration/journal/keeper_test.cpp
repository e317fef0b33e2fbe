#include "journal/keeper.hpp"

#include <atomic>
#include <semaphore>
#include <thread>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "journal/announcer.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using std::chrono::milliseconds;
using test::Journal;
using test::must;
using test::OpenTransaction;
using test::TestReader;
using Numbers = std::vector<std::int64_t>;

namespace {

journal::Tenure begin(postgres::Connection& connection, std::int64_t epoch) {
    return must(journal::Tenure::begin(connection, make_uuid_v4(), epoch));
}

}  // namespace

TEST_CASE("a keeper that was stopped and resumed writes no tick once another keeps") {
    Journal journal;
    postgres::Connection connection = test::open(journal.settings());
    journal::Tenure successor = begin(connection, 7);
    journal.append({1});
    CHECK_THROWS_WITH(journal.tick(), Catch::Contains("fenced"));
    CHECK_THROWS_WITH(journal.tidy_at_once(), Catch::Contains("fenced"));
    CHECK(must(successor.tick_if_due()));

    postgres::Connection late = test::open(journal.settings());
    const auto refused = journal::Tenure::begin(late, make_uuid_v4(), 7);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::fenced);
}

TEST_CASE("a tick is not written in a transaction that sees the past") {
    const Journal journal;
    postgres::Connection connection = test::open(journal.settings());
    const Uuid holder = make_uuid_v4();
    must(journal::Tenure::begin(connection, holder, 2));
    connection.execute_script("begin isolation level repeatable read");
    CHECK_THROWS_WITH(connection.execute("select * from journal.write_tick($1, $2)", holder, std::int64_t{2}),
                      Catch::Contains("repeatable read"));
}

TEST_CASE("no append is forgotten that came in the middle of a tick") {
    constexpr int appenders = 4;
    Journal journal;
    TestReader reader{journal, "billing"};
    std::atomic<std::int64_t> appended = 0;
    std::counting_semaphore<appenders> go{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < appenders; ++i) {
        threads.emplace_back([&](const std::stop_token& stop) {
            postgres::Connection connection = test::open(journal.settings());
            for (go.acquire(); !stop.stop_requested(); go.acquire()) {
                const journal::NewEntry entry{.tenant = {}, .topic = "raw", .event_id = {}};
                must(transact(connection,
                              [&](postgres::Transaction& tx) { journal::append(tx, {&entry, 1}); }));
                ++appended;
            }
        });
    }
    std::int64_t wanted = 0;
    std::int64_t read = 0;
    for (int round = 0; round < 500; ++round) {
        wanted += appenders;
        go.release(appenders);
        // One's entry is a reason for a tick, and another's comes while that is written. Afterwards there are
        // no more ticks than are due.
        while (appended < wanted) journal.tick();
        while (journal.tick()) {
        }
        read += static_cast<std::int64_t>(reader.read_all().size());
        CHECK(read == wanted);
        if (read != wanted) break;
    }
    for (std::jthread& thread : threads) thread.request_stop();
    go.release(appenders);
}

TEST_CASE("no role may write what decides about the order") {
    const Journal journal;
    for (const char* role :
         {"ingress", "relay", "enrichment", "billing", "delivery", "console", "operator"}) {
        postgres::Connection connection = test::open(journal.settings(role));
        for (const char* statement :
             {"insert into journal.entry (child, xid) values (0, '3')",
              "insert into journal.entry (child, seq) values (0, 1)", "update journal.state set child = 1",
              "delete from journal.entry", "truncate journal.entry_0",
              "insert into journal.position values (0, 'billing', 1, '3', 1)",
              "insert into journal.tick values (0, 9, '3:3:', 0)", "select setval('journal.entry_seq', 1)",
              "update journal.reader set holder = null", "select journal.start_anew()"}) {
            CAPTURE(role, statement);
            CHECK_THROWS_WITH(connection.execute_script(statement), Catch::Contains("permission denied"));
        }
    }
}

TEST_CASE("entries reach a reader while one keeper follows another") {
    const test::Database database{test::journal_schemas};
    postgres::Connection reads = test::open(database.service("billing"));
    must(journal::register_reader(reads, "billing"));
    auto reader =
        must(journal::Reader::take(reads, {.name = "billing", .holder = make_uuid_v4(), .epoch = 1}));
    Numbers found;
    const auto read_until = [&](std::size_t count) {
        return test::wait_until([&] {
            reader.wait(milliseconds{10});
            while (const auto batch = must(reader.next(100))) {
                for (const std::int64_t number : test::numbers(*batch)) found.push_back(number);
            }
            return found.size() >= count;
        });
    };
    const auto append = [&](std::int64_t number) {
        OpenTransaction transaction{database.service("ingress")};
        transaction.append({number});
        transaction.commit();
    };

    telemetry::Metrics metrics;
    journal::Announcer announcer{database.service("ingress"), milliseconds{5}};
    std::optional<journal::Keeper> first;
    first.emplace(database.service("ingress"), journal::KeeperSettings{}, make_uuid_v4(), metrics);
    journal::Keeper second{database.service("relay"), {}, make_uuid_v4(), metrics};
    CHECK(test::wait_until([&] { return first->is_keeping() || second.is_keeping(); }));
    for (int i = 1; i <= 10; ++i) append(i);
    announcer.announce();
    CHECK(read_until(10));
    first.reset();
    CHECK(test::wait_until([&] { return second.is_keeping(); }));
    for (int i = 11; i <= 20; ++i) append(i);
    announcer.announce();
    CHECK(read_until(20));
    // Without a hint too.
    append(21);
    CHECK(read_until(21));
    Numbers expected;
    for (int i = 1; i <= 21; ++i) expected.push_back(i);
    CHECK(found == expected);
    CHECK(metrics.text().find("tollgate_journal_ticks_total") != std::string::npos);
    CHECK(metrics.text().contains("tollgate_journal_keeping 1\n"));
}

TEST_CASE("a keeper that loses its connection keeps again") {
    const test::Database database{test::journal_schemas};
    telemetry::Metrics metrics;
    postgres::ConnectionSettings settings = database.service("ingress");
    settings.application_name = "the keeper";
    const journal::Keeper keeper{settings, {}, make_uuid_v4(), metrics};
    postgres::Connection owner = test::open(database.owner());
    const auto newest_tick = [&] {
        return owner.execute("select max(id) from journal.tick").only().get<std::int64_t>(0);
    };
    for (int round = 0; round < 3; ++round) {
        CHECK(test::wait_until([&] { return keeper.is_keeping(); }));
        const auto before = newest_tick();
        const auto ended = owner.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'the keeper' and datname = current_database()");
        CHECK_FALSE(ended.empty());
        CHECK(test::wait_until([&] { return newest_tick() > before; }));
    }
}
