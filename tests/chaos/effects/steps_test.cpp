// kill -9 at each named step of the consumer's work; afterwards each event has its effect once.
#include <csignal>
#include <optional>

#include <catch2/catch.hpp>

#include "effects.hpp"
#include "integration/relay/own_broker.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using consumer::Bus;
using Words = std::vector<std::string>;

namespace {

constexpr auto in_time = 60s;
constexpr std::size_t events_each = 20;

bool is_killed_at(const World& world, const std::string& step, int count) {
    const auto member = world.start_member({step, std::to_string(count)});
    const bool killed = member->wait(in_time) == 128 + SIGKILL;
    // What it held may be had at once, and not in seconds.
    world.let_lapse();
    return killed;
}

// Copies of what is done, under way or dead.
void put_some_again(World& world) {
    constexpr int every = 8;
    for (const Uuid& id : world.published()) {
        if (id.bytes.back() % every == 0) world.append_again(id);
    }
}

std::size_t kill_at_each_step(World& world) {
    const std::vector<std::pair<std::string, std::vector<int>>> steps{
        {"round", {1, 5}},       {"prepare", {1, 1, 3}}, {"apply", {1, 2}},    {"applied", {1, 2}},
        {"due_prepare", {1, 2}}, {"due", {1, 1, 2}},     {"committed", {1, 2}}};
    std::size_t kills = 0;
    for (const auto& [step, counts] : steps) {
        INFO(step);
        for (const int count : counts) {
            put_some_again(world);
            world.publish(events_each);
            REQUIRE(is_killed_at(world, step, count));
            ++kills;
        }
    }
    return kills;
}

// Each time at the first message at hand, until one was alone in it as often as condemns it. On Kafka it need
// not be the same one that comes first.
std::size_t kill_until_one_is_condemned(World& world) {
    constexpr std::size_t kills_max = 40;
    world.publish(events_each);
    for (std::size_t kills = 0; kills < kills_max; ++kills) {
        if (!dead(world).empty()) return kills;
        REQUIRE(is_killed_at(world, "applied", 1));
    }
    FAIL("nothing was condemned");
    return kills_max;
}

void kill_in_every_way(World& world) {
    std::size_t kills = kill_at_each_step(world);
    kills += kill_until_one_is_condemned(world);
    world.set_positions_back();
    const auto last = world.start_member();
    const std::size_t condemned = require_each_effect_once(world);
    CHECK(condemned >= 1);
    WARN(fmt::format("{}: {} kills, {} events, {} condemned and replayed", consumer::name(world.bus()), kills,
                     world.published().size(), condemned));
}

// A commit of effects waits in front of it, with all of its statements done.
class Gate {
public:
    explicit Gate(const World& world) : keeper_{world.owner()} {
        postgres::Connection owner = world.owner();
        owner.execute_script(
            "create table public.gate (at timestamptz);"
            "grant select on public.gate to tollgate_enrichment;"
            "create function public.pass_gate() returns trigger language plpgsql as "
            "$$ begin perform from public.gate; return null; end $$;"
            "create constraint trigger gate after insert on public.effect deferrable initially deferred "
            "for each row execute function public.pass_gate()");
    }

    void close() {
        held_.emplace(keeper_);
        held_->execute("lock table public.gate in access exclusive mode");
    }
    void open() { held_.reset(); }
    // The backend of a commit that waits.
    std::optional<std::int32_t> waiting() {
        const auto rows = held_->execute(
            "select pid from pg_locks where relation = 'public.gate'::regclass and not granted limit 1");
        if (rows.empty()) return std::nullopt;
        return rows.only().get<std::int32_t>(0);
    }
    // The server ends it, so that it is rolled back; else it commits although nobody hears of it.
    void cut(std::int32_t backend) { held_->execute("select pg_terminate_backend($1)", backend); }

private:
    postgres::Connection keeper_;
    std::optional<postgres::Transaction> held_;
};

void kill_in_commit(World& world, Gate& gate, bool commits) {
    world.publish(events_each);
    gate.close();
    const auto killed = world.start_member();
    REQUIRE(wait_until([&] { return gate.waiting().has_value(); }, in_time));
    const std::int32_t backend = *gate.waiting();
    killed->signal(SIGKILL);
    CHECK(killed->wait() == 128 + SIGKILL);
    world.let_lapse();
    if (!commits) gate.cut(backend);
    // It comes while the commit of the one before still waits, or just after.
    const auto next = world.start_member();
    gate.open();
    REQUIRE(comes_to_rest(world));
    const std::vector<std::string> nothing;
    CHECK(strange(world) == nothing);
    next->signal(SIGTERM);
    CHECK(next->wait() == 0);
}

void kill_in_commits(World& world) {
    Gate gate{world};
    for (const bool commits : {true, false, true}) {
        INFO((commits ? "the commit happens" : "the commit does not happen"));
        kill_in_commit(world, gate, commits);
    }
    const auto last = world.start_member();
    CHECK(require_each_effect_once(world) == 0);
}

}  // namespace

TEST_CASE("a consumer of the journal that is killed at each step has each effect once") {
    World world{Bus::journal};
    kill_in_every_way(world);
}

TEST_CASE("a consumer of Kafka that is killed at each step has each effect once") {
    const OwnBroker broker;
    World world{Bus::kafka, broker.address()};
    kill_in_every_way(world);
}

TEST_CASE("a consumer of the journal that is killed in its commit has each effect once") {
    World world{Bus::journal};
    kill_in_commits(world);
}

TEST_CASE("a consumer of Kafka that is killed in its commit has each effect once") {
    const OwnBroker broker;
    World world{Bus::kafka, broker.address()};
    kill_in_commits(world);
}
