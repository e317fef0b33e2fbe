#include "enrichment/plan_limit.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "consumer/held.hpp"
#include "core/uuid.hpp"
#include "postgres/columns.hpp"
#include "telemetry/log.hpp"

namespace tollgate::enrichment {

namespace {

namespace log = telemetry::log;
using consumer::Hold;
using consumer::Task;
using postgres::Transaction;
using std::chrono::microseconds;
using Limits = std::unordered_map<Uuid, tenants::LimitedTenant>;

constexpr std::string_view consumer_name = "enrichment";

// Of one tenant.
struct Turns {
    Timestamp now;
    Timestamp next;
    Pace pace;
};

// Places in the batch, the oldest event first.
using Places = std::map<Uuid, std::vector<std::size_t>>;

Places places_by_tenant(std::span<const Task> batch, const std::unordered_map<Uuid, KnownEvent>& known) {
    Places places;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto found = known.find(batch[i].id);
        if (found != known.end() && found->second.facts.tenant == batch[i].message->tenant)
            places[found->second.facts.tenant].push_back(i);
    }
    for (auto& [tenant, of_tenant] : places)
        std::ranges::sort(of_tenant, {}, [&](std::size_t i) { return batch[i].id; });
    return places;
}

// With which distance turns were given out, of those tenants of whom any were.
std::unordered_map<Uuid, microseconds> given_out(Transaction& tx, const std::vector<Uuid>& tenants) {
    std::unordered_map<Uuid, microseconds> given;
    for (const auto row :
         tx.execute("select tenant, apart_us from enrichment.allowance where tenant = any ($1)", tenants))
        given.emplace(row.get<Uuid>(0), microseconds{row.get<std::int64_t>(1)});
    return given;
}

// In the order of the tenants, so that two members wait for each other and not in a circle.
std::map<Uuid, Turns> lock_turns(Transaction& tx, const std::vector<Uuid>& tenants, const Limits& limits) {
    std::map<Uuid, Turns> turns;
    const auto apart = postgres::column(tenants, [&](const Uuid& tenant) {
        return std::int64_t{pace_of(limits.at(tenant).limit).apart.count()};
    });
    for (const auto row : tx.execute(
             "insert into enrichment.allowance as a (tenant, next_at, apart_us) "
             "select tenant, 'epoch', apart_us from unnest($1, $2) t(tenant, apart_us) order by tenant "
             "on conflict (tenant) do update set apart_us = excluded.apart_us "
             "returning tenant, next_at, clock_timestamp()",
             tenants, apart)) {
        const auto tenant = row.get<Uuid>(0);
        turns.emplace(tenant, Turns{.now = row.get<Timestamp>(2),
                                    .next = row.get<Timestamp>(1),
                                    .pace = pace_of(limits.at(tenant).limit)});
    }
    return turns;
}

void keep_turns(Transaction& tx, const std::map<Uuid, Turns>& turns) {
    tx.execute(
        "update enrichment.allowance a set next_at = t.next_at from unnest($1, $2) t(tenant, next_at) "
        "where a.tenant = t.tenant",
        postgres::column(turns, [](const auto& each) { return each.first; }),
        postgres::column(turns, [](const auto& each) { return each.second.next; }));
}

void tell_of_change(const Uuid& tenant, std::int64_t held) {
    if (held == 0) return;
    log::info("a tenant's plan has changed, and what is held over it with it",
              {{"tenant", tenant}, {"held", held}});
}

// No plan limits them any more.
void set_free(Transaction& tx, const std::vector<Uuid>& tenants) {
    for (const Uuid& tenant : tenants) {
        tx.execute("delete from enrichment.allowance where tenant = $1", tenant);
        tell_of_change(tenant, consumer::pace_held(tx, consumer_name, tenant, over_plan, microseconds{0}));
    }
}

Hold hold_until(const tenants::LimitedTenant& limited, Timestamp turn, Timestamp now) {
    return {.cause = std::string{over_plan},
            .reason =
                fmt::format("over the plan \"{}\", which lets {} events a minute pass: it goes on by itself "
                            "when it is its turn",
                            limited.plan, limited.limit.events_per_minute),
            .length = std::chrono::ceil<std::chrono::milliseconds>(turn - now)};
}

}  // namespace

Pace pace_of(const tenants::PlanLimit& limit) {
    return {.apart = microseconds{std::chrono::minutes{1}} / limit.events_per_minute, .burst = limit.burst};
}

Timestamp take_turn(Timestamp& next, const Pace& pace, Timestamp received) {
    const Timestamp turn = std::max(next, received - pace.apart * (pace.burst - 1));
    next = turn + pace.apart;
    return turn;
}

std::vector<std::optional<Hold>> wait_for_turns(Transaction& tx, std::span<const Task> batch,
                                                const std::unordered_map<Uuid, KnownEvent>& known) {
    std::vector<std::optional<Hold>> holds(batch.size());
    const Places places = places_by_tenant(batch, known);
    if (places.empty()) return holds;
    const auto all = postgres::column(places, [](const auto& each) { return each.first; });
    const Limits limits = tenants::read_limits(tx, all);
    const auto given = given_out(tx, all);
    std::vector<Uuid> limited;
    std::vector<Uuid> freed;
    std::vector<Uuid> changed;
    for (const auto& [tenant, of_tenant] : places) {
        const auto limit = limits.find(tenant);
        const auto before = given.find(tenant);
        if (limit == limits.end()) {
            if (before != given.end()) freed.push_back(tenant);
            continue;
        }
        const bool has_changed =
            before != given.end() && before->second != pace_of(limit->second.limit).apart;
        if (has_changed) changed.push_back(tenant);
        if (has_changed || std::ranges::any_of(of_tenant, [&](auto i) { return !batch[i].was_set_aside; }))
            limited.push_back(tenant);
    }
    set_free(tx, freed);
    if (limited.empty()) return holds;
    auto turns = lock_turns(tx, limited, limits);
    for (const Uuid& tenant : changed) {
        Turns& its = turns.at(tenant);
        const auto held = consumer::pace_held(tx, consumer_name, tenant, over_plan, its.pace.apart);
        its.next = its.now + its.pace.apart * held;
        tell_of_change(tenant, held);
    }
    for (auto& [tenant, its] : turns) {
        for (const std::size_t i : places.at(tenant)) {
            if (batch[i].was_set_aside) continue;
            const Timestamp turn = take_turn(its.next, its.pace, time_of(batch[i].id));
            if (turn > its.now) holds[i] = hold_until(limits.at(tenant), turn, its.now);
        }
    }
    keep_turns(tx, turns);
    return holds;
}

}  // namespace tollgate::enrichment
