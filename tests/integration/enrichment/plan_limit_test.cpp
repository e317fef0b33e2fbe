// Verified events over a tenant's plan wait for their turn: nothing is lost, nobody else waits.
#include "enrichment/plan_limit.hpp"

#include <algorithm>
#include <thread>

#include <catch2/catch.hpp>

#include "tenants/tenants.hpp"
#include "world.hpp"

using namespace tollgate;
using namespace tollgate::test;
using postgres::Transaction;

namespace {

class LimitedWorld {
public:
    LimitedWorld() : operator_{open(world_.pipeline().settings("operator"))} {}

    EnrichmentWorld& world() { return world_; }

    Uuid tenant(const std::string& slug, const std::string& plan) {
        return must(transact(operator_,
                             [&](Transaction& tx) {
                                 return tenants::create_tenant(tx, ann_,
                                                               {.slug = slug, .name = slug, .plan = plan});
                             }))
            .id;
    }
    void plan(const std::string& name, const std::optional<tenants::PlanLimit>& limit) {
        must(transact(operator_,
                      [&](Transaction& tx) { return tenants::set_plan(tx, ann_, name, limit, "a test"); }));
    }
    std::vector<archive::Event> put(const Uuid& tenant, std::size_t events) {
        std::vector<archive::Event> all;
        for (std::size_t i = 0; i < events; ++i) {
            all.push_back(sample_event("charge.succeeded"));
            all.back().tenant = tenant;
        }
        world_.pipeline().put(all);
        return all;
    }
    std::int64_t held(const Uuid& tenant) {
        return world_.count(fmt::format(
            "consumer.work where state = 'held' and hold = 'over_plan' and tenant = '{}'", tenant));
    }
    std::int64_t passed(const Uuid& tenant) {
        return world_.count(fmt::format("archive.payment_event where tenant = '{}'", tenant));
    }
    // How far apart they are due, at least and at most, in milliseconds.
    std::pair<std::int64_t, std::int64_t> distances(const Uuid& tenant) {
        postgres::Connection owner = world_.pipeline().owner();
        owner.execute("select set_config('tollgate.tenant', '*', false)");
        const auto rows = owner.execute(
            "select round(min(apart) * 1000)::bigint, round(max(apart) * 1000)::bigint from "
            "(select extract(epoch from due_at - lag(due_at) over (order by due_at)) as apart "
            "from consumer.work where tenant = $1) d",
            tenant);
        const auto row = rows.only();
        return {row.get<std::int64_t>(0), row.get<std::int64_t>(1)};
    }
    // Of events with these ids in one batch.
    std::vector<std::int64_t> minutes_to_wait(const Uuid& tenant, const std::vector<Uuid>& ids,
                                              bool set_aside = false) {
        const consumer::Message message{.tenant = tenant};
        std::unordered_map<Uuid, enrichment::KnownEvent> known;
        std::vector<consumer::Task> batch;
        for (const Uuid& id : ids) {
            batch.push_back({.message = &message, .id = id, .was_set_aside = set_aside});
            known[id].facts = {.id = id, .tenant = tenant};
        }
        postgres::Connection connection = open(world_.pipeline().settings("enrichment"));
        std::vector<std::int64_t> minutes;
        for (const auto& hold : must(transact(
                 connection, [&](Transaction& tx) { return enrichment::wait_for_turns(tx, batch, known); })))
            minutes.push_back(hold ? std::chrono::round<std::chrono::minutes>(hold->length.value()).count()
                                   : 0);
        return minutes;
    }

private:
    EnrichmentByJournal world_;
    postgres::Connection operator_;
    tenants::Actor ann_{.name = "ann", .role = tenants::Role::admin, .tenants = {}};
};

}  // namespace

TEST_CASE("what is over the plan is held and goes on by itself, and no other tenant waits") {
    LimitedWorld limited;
    limited.plan("small", tenants::PlanLimit{.events_per_minute = 1200, .burst = 10});
    const Uuid small = limited.tenant("small", "small");
    const Uuid other = limited.tenant("other", "standard");
    const auto process = limited.world().start();
    limited.put(small, 200);
    limited.put(other, 20);
    REQUIRE(comes_true([&] { return limited.passed(other) == 20; }));
    CHECK(limited.held(small) > 50);
    CHECK(limited.held(other) == 0);
    for (const std::string& row : limited.world().work())
        CHECK(row ==
              "held: over the plan \"small\", which lets 1200 events a minute pass: it goes on by itself "
              "when it "
              "is its turn");
    CHECK(limited.world().payments(220).size() == 220);
    CHECK(limited.passed(small) == 200);
    CHECK(limited.world().work().empty());
}

TEST_CASE("several processes keep to one rate together") {
    LimitedWorld limited;
    limited.plan("small", tenants::PlanLimit{.events_per_minute = 1, .burst = 7});
    const Uuid small = limited.tenant("small", "small");
    EnrichmentWorld& world = limited.world();
    const auto first = world.start();
    limited.put(small, 20);
    REQUIRE(comes_true([&] { return limited.passed(small) + limited.held(small) == 20; }));
    // Whoever of them is at it.
    const auto second = world.start();
    limited.put(small, 20);
    REQUIRE(comes_true([&] { return limited.passed(small) + limited.held(small) == 40; }));
    CHECK(limited.passed(small) == 7);
    const auto [least, most] = limited.distances(small);
    CHECK(least > 59'000);
    CHECK(most < 61'000);
}

TEST_CASE("two batches at once give out no turn twice") {
    LimitedWorld limited;
    limited.plan("small", tenants::PlanLimit{.events_per_minute = 1, .burst = 5});
    const Uuid small = limited.tenant("small", "small");
    std::vector<std::vector<std::int64_t>> of_member(4);
    {
        std::vector<std::jthread> members;
        for (auto& mine : of_member) {
            members.emplace_back([&] {
                std::vector<Uuid> ids;
                for (int i = 0; i < 10; ++i) ids.push_back(make_uuid_v7());
                mine = limited.minutes_to_wait(small, ids);
            });
        }
    }
    std::vector<std::int64_t> minutes;
    for (const auto& mine : of_member) minutes.insert(minutes.end(), mine.begin(), mine.end());
    std::ranges::sort(minutes);
    REQUIRE(minutes.size() == 40);
    CHECK(std::ranges::count(minutes, 0) == 5);
    for (std::int64_t i = 5; i < 40; ++i) CHECK(minutes[static_cast<std::size_t>(i)] == i - 4);
}

TEST_CASE("what came while enrichment was away passes if the tenant had kept to the plan") {
    LimitedWorld limited;
    limited.plan("small", tenants::PlanLimit{.events_per_minute = 6, .burst = 1});
    const Uuid small = limited.tenant("small", "small");
    std::vector<Uuid> ids;
    for (int i = 0; i < 30; ++i)
        ids.push_back(first_uuid_v7_at(SystemClock{}.now() - std::chrono::seconds{10 * (30 - i)}));
    std::ranges::reverse(ids);  // in whatever order they are read
    CHECK(limited.minutes_to_wait(small, ids) == std::vector<std::int64_t>(30, 0));
    CHECK(limited.minutes_to_wait(small, std::vector(7, make_uuid_v7())).back() == 1);
    // Its turn has come, or an operator does not want to wait for it.
    CHECK(limited.minutes_to_wait(small, std::vector(7, make_uuid_v7()), true).back() == 0);
    CHECK(limited.minutes_to_wait(small, {make_uuid_v7()}).back() == 1);  // of ten seconds each: the seventh
}

TEST_CASE("a plan that allows more sets free what is held of it") {
    LimitedWorld limited;
    limited.plan("small", tenants::PlanLimit{.events_per_minute = 60, .burst = 5});
    const Uuid small = limited.tenant("small", "small");
    const auto process = limited.world().start();
    limited.put(small, 150);
    REQUIRE(comes_true([&] { return limited.held(small) > 100; }));
    SECTION("at another rate") {
        limited.plan("small", tenants::PlanLimit{.events_per_minute = 6000, .burst = 5});
    }
    SECTION("at once") {
        limited.plan("small", std::nullopt);
    }
    CHECK(limited.world().payments(150).size() == 150);
    CHECK(limited.passed(small) == 150);
}
