// What goes wrong between ingress and Postgres, and what the sender is told then.
#include <csignal>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "archive/days.hpp"
#include "fixtures.hpp"
#include "postgres/migrate.hpp"
#include "postgres/transaction.hpp"
#include "support/postgres_server.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using ingress::Fate;
using ingress::Outcome;
using test::Incoming;
using test::Ingress;
using test::request;
using test::stored;
using namespace std::chrono_literals;

namespace {

using Answers = std::vector<std::future<Result<ingress::Receipt>>>;

// A server of its own, which may be restarted.
struct OwnServer {
    explicit OwnServer(std::vector<std::string> settings = {}) : server{std::move(settings)} {
        postgres::Connection owner = test::open({.url = server.url("postgres")});
        owner.execute_script("create database ingress");
        postgres::Connection migrating = test::open(as_owner());
        REQUIRE(postgres::migrate(migrating, test::ingress_schemas, [](const std::string&) {}).has_value());
        REQUIRE(postgres::grant_roles(migrating, "tollgate_test").has_value());
    }

    postgres::ConnectionSettings as_owner() const { return {.url = server.url("ingress")}; }
    postgres::ConnectionSettings as_ingress() const {
        return {.url = server.url("ingress"), .role = "tollgate_ingress", .connect_timeout = 1s};
    }

    test::PostgresServer server;
};

}  // namespace

TEST_CASE("what the database refuses fails alone, and says why") {
    const test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress")};
    Answers answers;
    for (int i = 0; i < 100; ++i) {
        auto events = request({.id = std::to_string(i)});
        if (i == 37) events[0].event.type = std::string{"a\0b", 3};
        answers.push_back(ingress.begin(std::move(events)));
    }
    for (int i = 0; i < 100; ++i) {
        const auto answer = answers[static_cast<std::size_t>(i)].get();
        CHECK(answer.has_value() == (i != 37));
        if (!answer) CHECK(answer.error().code == ErrorCode::bad_data);
    }
    CHECK(stored(database.owner()).events.size() == 99);
    CHECK(stored(database.owner()).keys == 99);
}

TEST_CASE("a day that is missing is made, and the event committed") {
    const test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress")};
    auto events = request(Incoming{});
    const Uuid far = first_uuid_v7_at(SystemClock{}.now() + std::chrono::days{20});
    events[0].event.id = far;
    CHECK(ingress.commit(std::move(events))->at(0) == Outcome{far, Fate::accepted});
}

TEST_CASE("a queue that is full refuses at once") {
    const test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress"), {.committers = 1, .queue_requests_max = 2}};
    postgres::Connection blocking = test::open(database.owner());
    postgres::Transaction lock{blocking};
    lock.execute("lock table ingress.dedupe_key in access exclusive mode");
    Answers answers;
    int refused = 0;
    for (int i = 0; i < 50; ++i) {
        auto answer = ingress.begin(request({.id = std::to_string(i)}));
        if (answer.wait_for(0s) == std::future_status::ready) {
            CHECK(answer.get().error().code == ErrorCode::overloaded);
            ++refused;
        } else {
            answers.push_back(std::move(answer));
        }
    }
    CHECK(refused >= 50 - 3 - 2);  // one or two are being committed, two wait
    lock.commit();
    for (auto& answer : answers) CHECK(answer.get().has_value());
}

TEST_CASE("a tenant that floods the queue leaves room for the others") {
    const test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress"),
                    {.committers = 1, .queue_requests_max = 100, .tenant_requests_max = 10}};
    postgres::Connection blocking = test::open(database.owner());
    postgres::Transaction lock{blocking};
    lock.execute("lock table ingress.dedupe_key in access exclusive mode");
    Answers answers;
    int refused = 0;
    for (int i = 0; i < 50; ++i) {
        answers.push_back(ingress.begin(request({.id = std::to_string(i)})));
        if (answers.back().wait_for(0s) != std::future_status::ready) continue;
        CHECK(answers.back().get().error().code == ErrorCode::rate_limited);
        answers.pop_back();
        ++refused;
    }
    CHECK(refused >= 30);
    auto others = request({.id = "1"});
    others[0].event.tenant = make_uuid_v4();
    answers.push_back(ingress.begin(std::move(others)));
    lock.commit();
    for (auto& answer : answers) CHECK(answer.get().has_value());
    CHECK(ingress.commit_one({.id = "afterwards"}).fate == Fate::accepted);
}

TEST_CASE("a key that somebody else holds delays its own request alone") {
    const test::Database database{test::ingress_schemas};
    auto settings = database.service("ingress");
    settings.lock_timeout = 300ms;
    Ingress ingress{settings, {.committers = 1}};
    postgres::Connection blocking = test::open(database.owner());
    {
        postgres::Transaction lock{blocking};
        lock.execute(
            "insert into ingress.dedupe_key (tenant, source, key, event_id, fingerprint) values ($1, $2, $3, "
            "$1, $1)",
            test::tenant, test::source, ingress::half_digest("id:7"));
        Answers answers;
        const auto began = std::chrono::steady_clock::now();
        for (int i = 0; i < 200; ++i) answers.push_back(ingress.begin(request({.id = std::to_string(i)})));
        for (int i = 0; i < 200; ++i) {
            const auto answer = answers[static_cast<std::size_t>(i)].get();
            CHECK(answer.has_value() == (i != 7));
            if (!answer) CHECK(answer.error().code == ErrorCode::contended);
        }
        CHECK(std::chrono::steady_clock::now() - began < 2500ms);
    }
    CHECK(ingress.commit_one({.id = "7"}).fate == Fate::accepted);
}

TEST_CASE("two processes that take the same keys in opposite orders agree on whose event each is") {
    const test::Database database{test::ingress_schemas};
    Ingress one{database.service("ingress")};
    Ingress other{database.service("ingress")};
    constexpr int count = 400;
    Answers ones;
    Answers others;
    for (int i = 0; i < count; ++i) {
        const auto pair = [](int a, int b) {
            return request(std::vector<Incoming>{{.id = std::to_string(a)}, {.id = std::to_string(b)}});
        };
        ones.push_back(one.begin(pair(i, count + i)));
        others.push_back(other.begin(pair(2 * count - 1 - i, count - 1 - i)));
    }
    std::map<Uuid, int> accepted;
    std::set<Uuid> named;
    for (Answers* answers : {&ones, &others}) {
        for (auto& answer : *answers) {
            const auto receipt = answer.get();
            REQUIRE(receipt.has_value());
            for (const Outcome& outcome : *receipt) {
                named.insert(outcome.event_id);
                if (outcome.fate == Fate::accepted) ++accepted[outcome.event_id];
            }
        }
    }
    CHECK(accepted.size() == 2 * count);
    CHECK(named.size() == 2 * count);
    for (const auto& [id, times] : accepted) CHECK(times == 1);
    CHECK(stored(database.owner()).events.size() == 2 * count);
    CHECK(stored(database.owner()).entries.size() == 2 * count);
}

TEST_CASE("while connections are cut in the middle, every answer is true and nothing comes twice") {
    const test::Database database{test::ingress_schemas};
    auto settings = database.service("ingress");
    settings.application_name = "cut me";
    Ingress ingress{settings, {.batch_requests_max = 20, .deadline = 20s}};
    std::atomic<int> answered = 0;
    std::atomic<int> cuts = 0;
    std::jthread cutting{[&](const std::stop_token& stop) {
        postgres::Connection owner = test::open(database.owner());
        int next_at = 10;
        while (!stop.stop_requested()) {
            if (answered < next_at) continue;
            const auto cut = owner.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cut me' "
                "and datname = current_database() and state = 'active' and random() < 0.3");
            if (cut.empty()) continue;
            ++cuts;
            next_at = answered + 30;
        }
    }};
    std::set<Uuid> acknowledged;
    int rounds = 0;
    // A machine that is busy cuts seldom.
    for (; rounds < 20 || (cuts <= 3 && rounds < 1000); ++rounds) {
        Answers answers;
        for (int i = 0; i < 100; ++i)
            answers.push_back(ingress.begin(request({.id = fmt::format("{}-{}", rounds, i)})));
        for (auto& answer : answers) {
            const auto receipt = answer.get();
            REQUIRE(receipt.has_value());
            CHECK(receipt->at(0).fate == Fate::accepted);
            acknowledged.insert(receipt->at(0).event_id);
            ++answered;
        }
    }
    cutting.request_stop();
    cutting.join();
    CHECK(cuts > 3);
    const auto now = stored(database.owner());
    CHECK(std::set<Uuid>(now.events.begin(), now.events.end()) == acknowledged);
    CHECK(now.entries.size() == static_cast<std::size_t>(rounds) * 100);
    CHECK(now.keys == std::int64_t{rounds} * 100);
}

TEST_CASE("without a server the answer is that it could not be done, and with it again all goes on") {
    OwnServer own;
    Ingress ingress{own.as_ingress(), {.deadline = 600ms}};
    CHECK(ingress.commit_one({.id = "before"}).fate == Fate::accepted);
    own.server.stop();
    const auto answer = ingress.commit(request({.id = "meanwhile"}));
    REQUIRE_FALSE(answer.has_value());
    CHECK(disposition(answer.error().code) == Disposition::retry);
    own.server.start();
    CHECK(test::wait_until([&] { return ingress.commit(request({.id = "after"})).has_value(); }));
    CHECK(stored(own.as_owner()).events.size() <= 3);
}

TEST_CASE("a restart within the deadline is not noticed by the sender") {
    OwnServer own;
    Ingress ingress{own.as_ingress(), {.deadline = 30s}};
    CHECK(ingress.commit_one({.id = "before"}).fate == Fate::accepted);
    own.server.signal(SIGQUIT);
    auto answer = ingress.begin(request({.id = "meanwhile"}));
    own.server.start();
    CHECK(answer.get()->at(0).fate == Fate::accepted);
    CHECK(stored(own.as_owner()).events.size() == 2);
}

TEST_CASE("a commit that did not wait for its standby is not acknowledged") {
    OwnServer own;
    auto settings = own.as_ingress();
    settings.statement_timeout = 500ms;
    Ingress ingress{settings, {.deadline = 1500ms}};
    own.server.administer("alter system set synchronous_standby_names = 'nobody'");
    own.server.administer("select pg_reload_conf()");
    postgres::Connection owner = test::open(own.as_owner());
    REQUIRE(test::wait_until([&] {
        return owner.execute("show synchronous_standby_names").only().get<std::string>(0) == "nobody";
    }));
    auto events = request(Incoming{});
    const auto unsure = ingress.commit(events);
    REQUIRE_FALSE(unsure.has_value());
    CHECK(disposition(unsure.error().code) == Disposition::retry);
    // It is there, and so visible to others; and yet a repeat is not acknowledged before it is durable.
    Ingress other{settings, {.deadline = 1500ms}};
    for (Ingress* const process : {&ingress, &other}) {
        const auto repeat = process->commit(request(Incoming{}));
        REQUIRE_FALSE(repeat.has_value());
        CHECK(disposition(repeat.error().code) == Disposition::retry);
    }
    own.server.administer("alter system reset synchronous_standby_names");
    own.server.administer("select pg_reload_conf()");
    REQUIRE(test::wait_until(
        [&] { return owner.execute("show synchronous_standby_names").only().get<std::string>(0).empty(); }));
    CHECK(ingress.commit_one({}) == Outcome{events[0].event.id, Fate::duplicate});
    CHECK(stored(own.as_owner()).events.size() == 1);
}
