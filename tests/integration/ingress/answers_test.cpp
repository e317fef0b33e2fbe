// What processes say that they have answered, beside what is stored.
#include <csignal>

#include <catch2/catch.hpp>

#include "gateway.hpp"
#include "ingress/answer_book.hpp"
#include "ingress/answer_sums.hpp"
#include "ingress/retention.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using ingress::AnswerCount;
using ingress::AnsweringProcess;
using test::request;

namespace {

template <typename Read>
auto as_operator(const postgres::ConnectionSettings& operators, const Read& read) {
    postgres::Connection connection = test::open(operators);
    postgres::Transaction tx{connection};
    tenants::see_all_tenants(tx);
    return read(tx);
}

AnswerCount sums(const test::Database& database) {
    const Timestamp now = std::chrono::floor<std::chrono::hours>(SystemClock{}.now());
    return as_operator(database.service("operator"), [&](postgres::Transaction& tx) {
        AnswerCount all;
        // A test that runs over the hour counts in two.
        for (const Timestamp hour : {now - 1h, now}) {
            for (const AnswerCount& each : ingress::sum_answers(tx, hour)) {
                all.accepted += each.accepted;
                all.held += each.held;
                all.duplicates += each.duplicates;
            }
        }
        return all;
    });
}

std::vector<AnsweringProcess> processes(const test::Database& database) {
    return as_operator(database.service("operator"), [](postgres::Transaction& tx) {
        const Timestamp now = SystemClock{}.now();
        return ingress::list_answering(tx, now - 1h, now + 1h);
    });
}

std::unique_ptr<ingress::AnswerBook> open_book(const test::Database& database, const Uuid& process,
                                               ingress::AnswerCounts& counts, telemetry::Metrics& metrics) {
    auto book = ingress::AnswerBook::open(database.service("ingress"), process, counts, metrics);
    if (!book) throw std::runtime_error{book.error().text()};
    return std::move(*book);
}

}  // namespace

TEST_CASE("a process writes down what it has answered, and at its end that it stops") {
    test::Gateway gateway;
    for (int i = 1; i <= 3; ++i) REQUIRE(gateway.send(gateway.webhook("invoice.paid", i)).status == 200);
    REQUIRE(gateway.send(gateway.webhook("invoice.paid", 3)).status == 200);
    REQUIRE(gateway.send(gateway.signed_body("{}")).status != 200);
    CHECK(test::wait_until([&] { return sums(gateway.database).accepted == 3; }));
    REQUIRE(gateway.send(gateway.webhook("invoice.paid", 4)).status == 200);
    REQUIRE(processes(gateway.database).size() == 1);
    CHECK_FALSE(processes(gateway.database)[0].stopped_at);
    gateway.ingress.process().signal(SIGTERM);
    REQUIRE(gateway.ingress.process().wait() == 0);
    // The last one too, which was answered right before.
    const AnswerCount all = sums(gateway.database);
    CHECK(all.accepted == 4);
    CHECK(all.duplicates == 1);
    CHECK(all.held == 0);
    const AnsweringProcess stopped = processes(gateway.database).at(0);
    REQUIRE(stopped.stopped_at);
    CHECK(*stopped.stopped_at >= stopped.counted_until);
    CHECK_FALSE(stopped.fell_silent(*stopped.stopped_at + 24h));
}

TEST_CASE("a process that is killed leaves no mark of its end") {
    test::Gateway gateway;
    REQUIRE(gateway.send(gateway.webhook("invoice.paid", 1)).status == 200);
    gateway.ingress.process().signal(SIGKILL);
    gateway.ingress.process().wait();
    const AnsweringProcess killed = processes(gateway.database).at(0);
    CHECK_FALSE(killed.stopped_at);
    CHECK(killed.fell_silent(killed.counted_until + 31s));
    CHECK_FALSE(killed.fell_silent(killed.counted_until + 29s));
}

TEST_CASE("answers are counted beside the commit, and not in it") {
    test::Database database{test::ingress_schemas};
    telemetry::Metrics metrics;
    const Uuid process = make_uuid_v4();
    test::Ingress ingress{database.service("ingress")};
    {
        const auto book = open_book(database, process, ingress.counts(), metrics);
        ingress.commit_one({.id = "1"});
        ingress.commit_one({.id = "1"});
        ingress.commit_one({.id = "1", .content = "another"});
        REQUIRE(ingress.commit(request({{.id = "2"}, {.id = "3"}})));
    }
    AnswerCount all = sums(database);
    CHECK(all.accepted == 3);
    CHECK(all.duplicates == 1);
    CHECK(all.held == 1);
    // What the archive loses stays counted.
    test::open(database.owner()).execute("delete from archive.event");
    all = sums(database);
    CHECK(all.accepted == 3);
}

TEST_CASE("counts that could not be written are written later, once") {
    test::Database database{test::ingress_schemas};
    telemetry::Metrics metrics;
    test::Ingress ingress{database.service("ingress")};
    {
        const auto book = open_book(database, make_uuid_v4(), ingress.counts(), metrics);
        postgres::Connection owner = test::open(database.owner());
        ingress.commit_one({.id = "1"});
        REQUIRE(test::wait_until([&] { return sums(database).accepted == 1; }));
        owner.execute_script("revoke update on ingress.answered from tollgate_ingress");
        ingress.commit_one({.id = "2"});
        REQUIRE(test::wait_until([&] { return metrics.text().contains("answer_counts_failing 1\n"); }));
        CHECK(sums(database).accepted == 1);
        owner.execute_script("grant update on ingress.answered to tollgate_ingress");
        REQUIRE(test::wait_until([&] { return sums(database).accepted == 2; }));
        // Its line is cut.
        owner.execute_script(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()");
        REQUIRE(ingress.commit(request({.id = "3"})));
    }
    CHECK(sums(database).accepted == 3);
    CHECK(processes(database).at(0).stopped_at);
}

TEST_CASE("what the server has lost of the counts is written again on a new line") {
    test::Database database{test::ingress_schemas};
    telemetry::Metrics metrics;
    test::Ingress ingress{database.service("ingress")};
    const auto book = open_book(database, make_uuid_v4(), ingress.counts(), metrics);
    postgres::Connection owner = test::open(database.owner());
    const Timestamp started_at = processes(database).at(0).started_at;
    ingress.commit_one({.id = "1"});
    REQUIRE(test::wait_until([&] { return sums(database).accepted == 1; }));
    // As after a restore: the answer stands, and nothing more comes in.
    owner.execute_script(
        "begin; set local tollgate.tenant = '*'; delete from ingress.answered; delete from ingress.process; "
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid(); commit");
    REQUIRE(test::wait_until([&] { return sums(database).accepted == 1; }));
    REQUIRE(processes(database).size() == 1);
    CHECK(processes(database)[0].started_at == started_at);
}

TEST_CASE("who waited in vain for a lock writes soon after it is free") {
    test::Database database{test::ingress_schemas};
    telemetry::Metrics metrics;
    test::Ingress ingress{database.service("ingress")};
    const auto book = open_book(database, make_uuid_v4(), ingress.counts(), metrics);
    postgres::Connection owner = test::open(database.owner());
    owner.execute_script(
        "set idle_in_transaction_session_timeout = 0; begin; lock table ingress.answered in exclusive mode");
    ingress.commit_one({.id = "1"});
    REQUIRE(test::wait_until([&] { return metrics.text().contains("answer_counts_failing 1\n"); }, 30s));
    owner.execute_script("rollback");
    CHECK(test::wait_until([&] { return sums(database).accepted == 1; }, 10s));
}

TEST_CASE("counts go with the days of their events") {
    test::Database database{test::ingress_schemas};
    postgres::Connection owner = test::open(database.owner());
    owner.execute_script(
        "set tollgate.tenant = '*';"
        "insert into ingress.process (process, started_at, counted_until) values "
        "(gen_random_uuid(), '2026-01-01', '2026-01-05'), (gen_random_uuid(), '2026-01-01', '2026-01-08');"
        "insert into ingress.answered select h, gen_random_uuid(), p.process, 1, 0, 0, 0 "
        "from ingress.process p, (values (timestamptz '2026-01-05 23:00Z'), ('2026-01-06 00:00Z')) t(h);"
        "insert into journal.published (hour, tenant, topic, log_topic, records, again, first_id, last_id, "
        "places) select h, gen_random_uuid(), 'raw', 'raw', 1, 0, gen_random_uuid(), gen_random_uuid(), '' "
        "from (values (timestamptz '2026-01-05 23:00Z'), ('2026-01-06 00:00Z')) t(h)");
    const auto forget = [&](int rows_at_once) {
        postgres::Connection connection = test::open(database.service("ingress"));
        return ingress::forget_counts(connection, rows_at_once, {}).value();
    };
    const auto left = [&](const std::string& table) {
        return owner.execute("select count(*) from " + table).only().get<std::int64_t>(0);
    };
    CHECK(forget(1'000) == 0);
    CHECK(left("ingress.answered") == 4);
    owner.execute("update consumer.horizon set dropped_up_to = '2026-01-05'");
    CHECK(forget(1'000) == 3);
    CHECK(left("ingress.answered") == 2);
    CHECK(left("ingress.process") == 1);
    CHECK(left("journal.published") == 1);
}

TEST_CASE("counts of many are forgotten a few at a time") {
    test::Database database{test::ingress_schemas};
    postgres::Connection owner = test::open(database.owner());
    owner.execute_script(
        "set tollgate.tenant = '*';"
        "insert into ingress.answered select h, gen_random_uuid(), gen_random_uuid(), 1, 0, 0, 0 from "
        "generate_series(timestamptz '2026-01-05 00:00Z', '2026-01-06 03:00Z', '3 hours') t(h), "
        "generate_series(1, 3);"
        "insert into journal.published (hour, tenant, topic, log_topic, records, again, first_id, last_id, "
        "places) select h, gen_random_uuid(), 'raw', 'raw', 1, 0, gen_random_uuid(), gen_random_uuid(), '' "
        "from generate_series(timestamptz '2026-01-05 00:00Z', '2026-01-06 03:00Z', '3 hours') t(h), "
        "generate_series(1, 3);"
        "update consumer.horizon set dropped_up_to = '2026-01-05'");
    postgres::Connection ingress = test::open(database.service("ingress"));
    for (const std::string of : {"published", "answers"}) {
        const auto [forgotten, reached] =
            ingress.execute("select forgotten, reached from ingress.forget_" + of + "(null, 4)")
                .only()
                .as<std::int64_t, std::optional<Timestamp>>();
        CHECK(forgotten == 4);
        CHECK(reached == parse_rfc3339("2026-01-05T03:00:00Z").value());
    }
    CHECK(ingress::forget_counts(ingress, 2, {}) == 2 * (24 - 4));
    CHECK(ingress::forget_counts(ingress, 2, {}) == 0);
    for (const std::string table : {"ingress.answered", "journal.published"})
        CHECK(owner.execute("select count(*) from " + table).only().get<std::int64_t>(0) == 6);
}

TEST_CASE("keys that have expired are forgotten even while counts and days cannot be") {
    test::Database database{test::ingress_schemas};
    test::Ingress ingress{database.service("ingress")};
    auto events = request({.id = "expired"});
    events[0].keys_expire = SystemClock{}.now() - 1h;
    REQUIRE(ingress.commit(events));
    test::open(database.owner())
        .execute_script(
            "revoke execute on function ingress.forget_published(timestamptz, integer) from tollgate_ingress;"
            "revoke execute on function ingress.drop_days(integer) from tollgate_ingress");
    telemetry::Metrics metrics;
    const ingress::Retention retention{database.service("ingress"), {}, make_uuid_v4(), metrics};
    CHECK(test::wait_until([&] { return metrics.text().contains("keys_pruned_total 1\n"); }));
    CHECK(test::wait_until([&] { return metrics.text().contains("retention_failing 1\n"); }));
}
