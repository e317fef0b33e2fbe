// Replays: jobs over what is dead, carried out by the consumer itself.
#include <optional>
#include <thread>

#include <catch2/catch.hpp>

#include "consumer/again.hpp"
#include "consumer/replay_jobs.hpp"
#include "running.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using consumer::ReplayJob;
using Strings = std::vector<std::string>;

namespace {

const tenants::Actor ada{.name = "ada", .role = tenants::Role::operator_};

template <typename Verb>
auto as_operator(const World& world, const Verb& verb) {
    postgres::Connection connection = open(world.settings("operator"));
    return transact(connection, [&](postgres::Transaction& tx) { return verb(tx); });
}

Result<consumer::StartedReplay> start(const World& world, const consumer::ReplaySettings& settings,
                                      const std::vector<Uuid>& ids = {}) {
    return as_operator(world, [&](postgres::Transaction& tx) {
        return consumer::start_replay(tx, ada, {.consumer = world.member().name, .ids = ids}, settings,
                                      "to see it work");
    });
}

ReplayJob show(const World& world, const Uuid& id) {
    return must(
        as_operator(world, [&](postgres::Transaction& tx) { return consumer::show_replay(tx, ada, id); }));
}

bool ends(const World& world, const Uuid& id) {
    return comes_true([&] { return show(world, id).ended(); });
}

// Dies at its first retry.
void hurry(consumer::RuntimeSettings& settings) {
    settings.retries.age_max = std::chrono::milliseconds{1};
}

std::int64_t dead(const World& world) {
    return count(world, "consumer.work where state = 'dead'");
}

// So many messages that die for one reason.
std::vector<Uuid> make_dead(World& world, int number) {
    make_trial_tables(world);
    std::vector<archive::Event> events = numbered(1, number);
    std::vector<Uuid> ids;
    for (archive::Event& event : events) {
        event.body += " commit";
        ids.push_back(event.id);
    }
    const Running running{world.member(), hurry};
    world.publish(events);
    if (!comes_true([&] { return dead(world) == number; })) throw std::runtime_error{"they do not die"};
    return ids;
}

// What they lacked.
void mend(const World& world) {
    open(world.owner()).execute("insert into public.first values (7)");
}

}  // namespace

TEMPLATE_TEST_CASE("a replay stops at its canary while the cause is there, and does all once it is gone", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    make_dead(world, 6);
    const Running running{world.member(), hurry};
    const auto early = must(start(world, {.canary = 2}));
    CHECK(early.job.total == 6);
    REQUIRE(ends(world, early.job.id));
    const ReplayJob stopped = show(world, early.job.id);
    CHECK(stopped.state == "stopped");
    CHECK(stopped.started == 2);
    CHECK_THAT(stopped.note.value_or(""), Catch::Contains("of the first 2 messages"));
    REQUIRE(comes_true([&] { return dead(world) == 6; }));
    CHECK(world.effects().empty());

    mend(world);
    const auto later = must(start(world, {.canary = 2}));
    REQUIRE(ends(world, later.job.id));
    const ReplayJob done = show(world, later.job.id);
    CHECK(done.state == "done");
    CHECK(done.done == 6);
    CHECK(sorted(world.effects()) == numbers(1, 6));
    CHECK(work(world).empty());
    // There is nothing left to be replayed.
    CHECK(start(world, {}).error().code == ErrorCode::not_found);
}

TEST_CASE("a replay is told by the consumer's metrics: what is outstanding, done and failed again") {
    JournalWorld world;
    const auto ids = make_dead(world, 3);
    const auto slow = [](consumer::RuntimeSettings& settings) {
        settings.count_every = std::chrono::milliseconds{50};
    };
    Running running{world.member(), slow};
    const consumer::RuntimeMetrics& metrics = running.metrics();
    must(start(world, {}, {ids[0], ids[1]}));
    CHECK(comes_true([&] { return metrics.replays_outstanding.Value() == 2; }));
    CHECK(comes_true([&] { return metrics.replayed_retried.Value() >= 2; }));
    CHECK(metrics.replayed_done.Value() == 0);
    // One that fails at first and is tried again is no replay.
    archive::Event late = event("9");
    late.body += " commit";
    world.publish({late});
    REQUIRE(comes_true([&] { return work(world).size() == 4; }));
    mend(world);
    CHECK(comes_true([&] { return metrics.replayed_done.Value() == 2 && metrics.done.Value() == 3; }));
    CHECK(comes_true([&] { return metrics.replays_outstanding.Value() == 0; }));
}

TEST_CASE("a dead letter is replayed though its event and its day are gone") {
    JournalWorld world;
    make_dead(world, 2);
    postgres::Connection owner = open(world.owner());
    owner.execute("delete from archive.event");
    owner.execute("select consumer.drop_day((now() at time zone 'UTC')::date)");
    mend(world);
    const Running running{world.member()};
    const auto started = must(start(world, {}));
    REQUIRE(ends(world, started.job.id));
    CHECK(show(world, started.job.id).done == 2);
    CHECK(sorted(world.effects()) == numbers(1, 2));
    CHECK(dead(world) == 0);
}

TEST_CASE("what is being replayed is left alone, and said to be") {
    JournalWorld world;
    const auto ids = make_dead(world, 3);
    mend(world);
    const auto first = must(start(world, {}, {ids[0], ids[1]}));
    const auto second = must(start(world, {}, ids));
    CHECK(second.job.total == 1);
    CHECK(second.left == 2);
    const auto third = start(world, {}, ids);
    REQUIRE_FALSE(third);
    CHECK(third.error().code == ErrorCode::not_found);
    CHECK_THAT(third.error().detail, Catch::Contains("3 left alone"));
    const Running running{world.member()};
    REQUIRE(ends(world, first.job.id));
    REQUIRE(ends(world, second.job.id));
    CHECK(sorted(world.effects()) == numbers(1, 3));
}

TEST_CASE("of two replays of the same at once one has the messages, and the other says so") {
    JournalWorld world;
    make_dead(world, 2);
    postgres::Connection first = open(world.settings("operator"));
    std::optional<postgres::Transaction> held{std::in_place, first};
    const consumer::LetterFilter all{.consumer = world.member().name};
    CHECK(must(consumer::start_replay(*held, ada, all, {}, "to be there at once")).job.total == 2);
    std::optional<Result<consumer::StartedReplay>> other;
    std::jthread at_once{[&] { other = start(world, {}); }};
    postgres::Connection owner = open(world.owner());
    const std::string waits =
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    REQUIRE(comes_true([&] { return !owner.execute(waits).empty(); }));
    held->commit();
    at_once.join();
    REQUIRE_FALSE(*other);
    CHECK_THAT(other->error().detail, Catch::Contains("2 left alone, being replayed already"));
}

TEST_CASE("a message that another has settled since it was chosen is left alone") {
    JournalWorld world;
    const auto ids = make_dead(world, 3);
    mend(world);
    const auto started = must(start(world, {}));
    must(as_operator(world, [&](postgres::Transaction& tx) {
        return consumer::replay(tx, ada, world.member().name, {ids.data(), 1}, "faster");
    }));
    const Running running{world.member()};
    REQUIRE(ends(world, started.job.id));
    CHECK(show(world, started.job.id).left_alone == 1);
    CHECK(comes_true([&] { return sorted(world.effects()) == numbers(1, 3); }));
}

TEST_CASE("a replay that is aborted in the middle starts nothing more, and the rest can be replayed anew") {
    JournalWorld world;
    make_dead(world, 6);
    mend(world);
    const Running running{world.member()};
    const auto started = must(start(world, {.rate = 1}));
    REQUIRE(comes_true([&] { return show(world, started.job.id).done > 0; }));
    must(as_operator(world, [&](postgres::Transaction& tx) {
        return consumer::abort_replay(tx, ada, started.job.id, "not now");
    }));
    REQUIRE(comes_true([&] { return show(world, started.job.id).outstanding == 0; }));
    const ReplayJob aborted = show(world, started.job.id);
    CHECK(aborted.state == "aborted");
    CHECK(aborted.started < 6);
    CHECK(dead(world) == 6 - aborted.started);
    const auto again = as_operator(world, [&](postgres::Transaction& tx) {
        return consumer::resume_replay(tx, ada, started.job.id, "again");
    });
    CHECK(again.error().code == ErrorCode::conflict);
    const auto rest = must(start(world, {}));
    CHECK(rest.job.total == 6 - aborted.started);
    REQUIRE(ends(world, rest.job.id));
    CHECK(sorted(world.effects()) == numbers(1, 6));
    CHECK(show(world, started.job.id).started == aborted.started);
}

TEST_CASE("a replay that is paused waits, and goes on when it is told") {
    JournalWorld world;
    make_dead(world, 3);
    mend(world);
    const auto started = must(start(world, {}));
    const auto turn = [&](const auto& verb) {
        return must(as_operator(
            world, [&](postgres::Transaction& tx) { return verb(tx, ada, started.job.id, "why"); }));
    };
    CHECK(turn(consumer::pause_replay).state == "paused");
    const Running running{world.member()};
    // Another one passes it.
    world.publish({event("9")});
    REQUIRE(comes_true([&] { return world.effects() == Strings{"9"}; }));
    CHECK(show(world, started.job.id).started == 0);
    CHECK(turn(consumer::resume_replay).state == "running");
    REQUIRE(ends(world, started.job.id));
    CHECK(world.effects().size() == 4);
}

TEST_CASE("a replay goes on after the process that carried it out was killed in the middle of it") {
    JournalWorld world;
    make_dead(world, 6);
    mend(world);
    const auto started = must(start(world, {.outstanding_max = 1}));
    const MemberSettings m = world.member();
    ChildProcess process{
        built("test-trial-consumer"),
        {m.bus, m.name, m.database.url.reveal(), m.database.role, m.brokers, m.topic_prefix, "applied", "3"}};
    REQUIRE(process.wait() == 128 + SIGKILL);
    const ReplayJob left = show(world, started.job.id);
    CHECK(left.state == "running");
    CHECK(left.started < 6);
    const Running running{world.member()};
    REQUIRE(ends(world, started.job.id));
    CHECK(show(world, started.job.id).done == 6);
    CHECK(sorted(world.effects()) == numbers(1, 6));
}

TEST_CASE("what was being done over is done over still when it is replayed") {
    JournalWorld world;
    const auto ids = make_dead(world, 2);
    postgres::Connection connection = open(world.settings());
    connection.execute("update consumer.work set cause = 'redo' where message_id = $1", ids[0]);
    const auto started = must(start(world, {}));
    must(consumer::carry_on_replays(connection, world.member().name));
    CHECK(count(world, "consumer.work where state = 'retrying' and cause = 'redo'") == 1);
    CHECK(count(world, "consumer.work where state = 'retrying' and cause = 'replay'") == 1);
    CHECK(show(world, started.job.id).outstanding == 2);
}

TEST_CASE("a replay keeps to its rate and stops above its share of failures") {
    JournalWorld world;
    postgres::Connection owner = open(world.owner());
    const auto of_row = [&](const std::string& function, const std::string& columns) {
        return owner
            .execute(
                fmt::format("select consumer.{}(jsonb_populate_record(null::consumer.replay, '{{\"total\": "
                            "100, \"left_alone\": 0, \"canary_passed\": true, \"canary\": 0, "
                            "\"outstanding_max\": 50, {}}}'))::text",
                            function, columns))
            .only()
            .get<std::optional<std::string>>(0)
            .value_or("goes on");
    };
    const auto allowance = [&](const std::string& c) { return of_row("replay_allowance", c); };
    CHECK(allowance(R"("outstanding": 0)") == "50");
    CHECK(allowance(R"("outstanding": 48)") == "2");
    CHECK(allowance(R"("outstanding": 0, "rate": 5, "next_at": "2020-01-01")") == "5");
    CHECK(allowance(R"("outstanding": 0, "rate": 5, "next_at": "2200-01-01")") == "0");
    CHECK(allowance(R"("outstanding": 1, "started": 1, "canary": 3, "canary_passed": false)") == "2");
    const auto verdict = [&](const std::string& c) { return of_row("verdict_on_replay", c); };
    const std::string counts = R"("held": 0, "failing": 0, "discarded": 0, "outstanding": 0, )";
    CHECK(verdict(counts + R"("started": 9, "done": 1, "died": 8, "stop_percent": 10)") == "goes on");
    CHECK_THAT(verdict(counts + R"("started": 10, "done": 8, "died": 2, "stop_percent": 10)"),
               Catch::StartsWith("2 of 10 messages failed again"));
    CHECK(verdict(counts + R"("started": 10, "done": 9, "died": 1, "stop_percent": 10)") == "goes on");
    CHECK(verdict(counts + R"("started": 100, "done": 50, "died": 50)") == "done");
}
