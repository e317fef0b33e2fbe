// Nobody pays for what another sends: repeats, conflicts, keys that are held, a flood.
#include <catch2/catch.hpp>

#include "core/pause.hpp"
#include "fixtures.hpp"
#include "postgres/transaction.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using ingress::Fate;
using test::Ingress;
using test::request;
using test::stored;
using namespace std::chrono_literals;

namespace {

using Answers = std::vector<std::future<Result<ingress::Receipt>>>;

// While it lives, nothing is committed.
class Closed {
public:
    explicit Closed(const test::Database& database) : connection_{test::open(database.owner())} {
        lock_.emplace(connection_);
        lock_->execute("lock table ingress.dedupe_key in access exclusive mode");
    }
    void open() { lock_->commit(); }

private:
    postgres::Connection connection_;
    std::optional<postgres::Transaction> lock_;
};

// A key that a transaction of somebody's has taken, whom nobody ends.
class HeldKey {
public:
    HeldKey(const test::Database& database, const std::string& id)
        : connection_{test::open(database.owner())}, looking_{test::open(database.owner())} {
        connection_.execute("set idle_in_transaction_session_timeout = 0");
        holder_ = connection_.execute("select pg_backend_pid()").only().get<std::int32_t>(0);
        transaction_.emplace(connection_);
        transaction_->execute(
            "insert into ingress.dedupe_key (tenant, source, key, event_id, fingerprint) "
            "values ($1, $2, $3, $1, $1)",
            test::tenant, test::source, ingress::half_digest("id:" + id));
    }
    bool is_waited_for() {
        return test::wait_until([&] {
            return !looking_
                        .execute("select from pg_stat_activity where $1 = any(pg_blocking_pids(pid))",
                                 holder_)
                        .empty();
        });
    }
    void let_go() { transaction_.reset(); }

private:
    postgres::Connection connection_;
    postgres::Connection looking_;
    std::int32_t holder_ = 0;
    std::optional<postgres::Transaction> transaction_;
};

std::int64_t transactions(const test::Database& database) {
    return test::open(database.owner())
        .execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        .only()
        .get<std::int64_t>(0);
}

ingress::Events of_tenant(const Uuid& tenant, const std::string& id) {
    auto events = request({.id = id});
    events[0].event.tenant = tenant;
    return events;
}

}  // namespace

TEST_CASE("repeats and conflicts that come at once are settled together") {
    const test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress"), {.committers = 1, .deadline = 20s}};
    Closed closed{database};
    const std::int64_t before = transactions(database);
    Answers answers;
    for (int i = 0; i < 300; ++i)
        answers.push_back(ingress.begin(request({.id = "same", .content = std::to_string(i % 30)})));
    closed.open();
    std::map<Fate, std::map<Uuid, int>> fates;
    for (auto& answer : answers) {
        const auto outcome = answer.get().value().at(0);
        ++fates[outcome.fate][outcome.event_id];
    }
    CHECK(fates[Fate::accepted].size() == 1);
    CHECK(fates[Fate::held].size() == 29);
    CHECK(fates[Fate::duplicate].size() == 30);
    for (const auto& [id, count] : fates[Fate::duplicate]) CHECK(count == 9);
    CHECK(stored(database.owner()).held.size() == 29);
    CHECK(stored(database.owner()).entries.size() == 1);
    // The lock's, and two for each of the batches that it took: not one for each request.
    CHECK(transactions(database) - before < 20);
}

TEST_CASE("who asks again and again for keys that are held costs the others no second wait") {
    const test::Database database{test::ingress_schemas};
    auto settings = database.service("ingress");
    settings.lock_timeout = 1500ms;
    settings.statement_timeout = 20s;
    Ingress ingress{settings, {.committers = 1, .deadline = 20s}};
    postgres::Connection blocking = test::open(database.owner());
    // As a connection that is not ours, which nobody ends.
    blocking.execute("set idle_in_transaction_session_timeout = 0");
    std::optional<postgres::Transaction> stopped{std::in_place, blocking};
    constexpr int held = 40;
    for (int i = 0; i < held; ++i) {
        stopped->execute(
            "insert into ingress.dedupe_key (tenant, source, key, event_id, fingerprint) values ($1, $2, $3, "
            "$1, $1)",
            test::tenant, test::source, ingress::half_digest(fmt::format("id:{}", i)));
    }
    const auto round = [&](int first_free) {
        Answers answers;
        const auto began = std::chrono::steady_clock::now();
        for (int i = 0; i < held; ++i) {
            answers.push_back(ingress.begin(request({.id = std::to_string(i)})));
            answers.push_back(ingress.begin(request({.id = std::to_string(first_free + i)})));
        }
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const auto answer = answers[i].get();
            CHECK(answer.has_value() == (i % 2 == 1));
            if (!answer) CHECK(answer.error().code == ErrorCode::contended);
        }
        return std::chrono::steady_clock::now() - began;
    };
    CHECK(round(1000) >= settings.lock_timeout);
    CHECK(round(2000) < settings.lock_timeout);
    stopped.reset();
    CHECK(ingress.commit_one({.id = "0"}).fate == Fate::accepted);
}

TEST_CASE("a tenant of whose requests many wait has one turn in two beside another") {
    const test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress"),
                    {.committers = 1, .batch_requests_max = 10, .deadline = 20s}};
    Closed closed{database};
    const Uuid many = make_uuid_v4();
    const Uuid few = make_uuid_v4();
    Answers of_many;
    Answers of_few;
    for (int i = 0; i < 500; ++i) of_many.push_back(ingress.begin(of_tenant(many, std::to_string(i))));
    for (int i = 0; i < 10; ++i) of_few.push_back(ingress.begin(of_tenant(few, std::to_string(i))));
    closed.open();
    for (auto& answer : of_few) CHECK(answer.get().has_value());
    const auto waiting = std::ranges::count_if(
        of_many, [](const auto& answer) { return answer.wait_for(0s) != std::future_status::ready; });
    CHECK(waiting > 250);
    for (auto& answer : of_many) CHECK(answer.get().has_value());
}

TEST_CASE("a tenant may fill its share of the queue's bytes, and no more") {
    const test::Database database{test::ingress_schemas};
    Ingress ingress{database.service("ingress"),
                    {.committers = 1, .tenant_bytes_max = 100'000, .deadline = 20s}};
    Closed closed{database};
    Answers answers;
    int refused = 0;
    for (int i = 0; i < 20; ++i) {
        answers.push_back(
            ingress.begin(request({.id = std::to_string(i), .content = std::string(30'000, 'x')})));
        if (answers.back().wait_for(0s) != std::future_status::ready) continue;
        CHECK(answers.back().get().error().code == ErrorCode::rate_limited);
        answers.pop_back();
        ++refused;
    }
    // Three fit in, beside those that are being committed.
    CHECK(refused >= 10);
    answers.push_back(ingress.begin(of_tenant(make_uuid_v4(), "other")));
    closed.open();
    for (auto& answer : answers) CHECK(answer.get().has_value());
}

TEST_CASE("after bursts and pauses there are still two who commit") {
    const test::Database database{test::ingress_schemas};
    auto settings = database.service("ingress");
    settings.lock_timeout = 10s;
    Ingress ingress{settings, {.deadline = 20s}};
    for (int burst = 0; burst < 10; ++burst) {
        Answers answers;
        for (int i = 0; i < 100; ++i)
            answers.push_back(ingress.begin(request({.id = fmt::format("{}-{}", burst, i)})));
        for (auto& answer : answers) CHECK(answer.get().has_value());
        // Longer than anybody gathers.
        pause(30ms, {});
    }
    HeldKey held{database, "held"};
    auto waiting = ingress.begin(request({.id = "held"}));
    REQUIRE(held.is_waited_for());
    CHECK(ingress.commit_one({.id = "free"}).fate == Fate::accepted);
    CHECK(waiting.wait_for(0s) != std::future_status::ready);
    held.let_go();
    CHECK(waiting.get().has_value());
}

TEST_CASE("while a large batch waits for a lock, one request does not wait for as many others") {
    const test::Database database{test::ingress_schemas};
    auto settings = database.service("ingress");
    settings.lock_timeout = 10s;
    Ingress ingress{settings, {.deadline = 20s}};
    HeldKey first{database, "first"};
    HeldKey second{database, "second"};
    HeldKey third{database, "third"};
    // Each of the two waits with one, and what comes meanwhile is the next batch of whoever is let go.
    auto of_one = ingress.begin(request({.id = "first"}));
    REQUIRE(first.is_waited_for());
    auto of_other = ingress.begin(request({.id = "second"}));
    REQUIRE(second.is_waited_for());
    Answers many;
    for (int i = 0; i < 20; ++i) many.push_back(ingress.begin(request({.id = std::to_string(i)})));
    many.push_back(ingress.begin(request({.id = "third"})));
    first.let_go();
    REQUIRE(third.is_waited_for());
    second.let_go();
    CHECK(of_one.get().has_value());
    CHECK(of_other.get().has_value());
    // It has nothing to do now, and has stopped looking for more.
    pause(30ms, {});
    auto one = ingress.begin(request({.id = "one"}));
    CHECK(one.wait_for(5s) == std::future_status::ready);
    third.let_go();
    for (auto& answer : many) CHECK(answer.get().has_value());
}
