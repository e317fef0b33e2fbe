#include "tenants/plans.hpp"

#include <boost/json/value.hpp>

#include "tenants/audit.hpp"
#include "tenants/names.hpp"

namespace tollgate::tenants {

namespace {

using postgres::Row;
using postgres::Transaction;

// Faster, and it is no limit; slower, and nobody would wait for it.
constexpr std::int32_t events_per_minute_max = 10'000'000;

std::optional<PlanLimit> limit_of(const Row& row, std::size_t column) {
    const auto rate = row.get<std::optional<std::int32_t>>(column);
    if (!rate) return std::nullopt;
    return PlanLimit{.events_per_minute = *rate, .burst = row.get<std::int32_t>(column + 1)};
}

Result<void> check(const PlanLimit& limit) {
    const auto fits = [](std::int32_t number) { return number >= 1 && number <= events_per_minute_max; };
    if (fits(limit.events_per_minute) && fits(limit.burst)) return {};
    return fail(ErrorCode::invalid,
                "events a minute, and the burst, are from 1 to {}: a plan without a limit has none",
                events_per_minute_max);
}

}  // namespace

Result<std::vector<Plan>> list_plans(Transaction& tx, const Actor& actor) {
    if (const auto admitted = admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<Plan> plans;
    for (const Row row :
         tx.execute("select plan, p.events_per_minute, p.burst, coalesce(t.count, 0) from tenants.plan p "
                    "full join (select plan, count(*) from tenants.tenant group by plan) t using (plan) "
                    "order by plan")) {
        plans.push_back({.name = row.get<std::string>(0),
                         .limit = limit_of(row, 1),
                         .tenants = row.get<std::int64_t>(3)});
    }
    return plans;
}

Result<Plan> set_plan(Transaction& tx, const Actor& actor, std::string_view plan,
                      const std::optional<PlanLimit>& limit, std::string_view reason) {
    if (const auto admitted = admit_to_platform(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    if (const auto fit = check_plan(plan); !fit) return std::unexpected{fit.error()};
    if (limit) {
        if (const auto fit = check(*limit); !fit) return std::unexpected{fit.error()};
    }
    const auto rate = limit ? std::optional{limit->events_per_minute} : std::nullopt;
    tx.execute(
        "insert into tenants.plan (plan, events_per_minute, burst) values ($1, $2, $3) on conflict (plan) "
        "do update set events_per_minute = excluded.events_per_minute, burst = excluded.burst, "
        "changed_at = now()",
        plan, rate, limit ? limit->burst : 1);
    boost::json::object arguments{{"plan", plan}, {"events_per_minute", nullptr}};
    if (limit) {
        arguments["events_per_minute"] = limit->events_per_minute;
        arguments["burst"] = limit->burst;
    }
    record(tx, actor, {.verb = "plan set", .arguments = std::move(arguments), .reason = reason});
    const auto tenants =
        tx.execute("select count(*) from tenants.tenant where plan = $1", plan).only().get<std::int64_t>(0);
    return Plan{.name = std::string{plan}, .limit = limit, .tenants = tenants};
}

std::unordered_map<Uuid, LimitedTenant> read_limits(Transaction& tx, std::span<const Uuid> tenants) {
    std::unordered_map<Uuid, LimitedTenant> limited;
    for (const Row row :
         tx.execute("select t.tenant, p.plan, p.events_per_minute, p.burst from tenants.tenant t "
                    "join tenants.plan p using (plan) "
                    "where t.tenant = any ($1) and p.events_per_minute is not null",
                    tenants)) {
        limited.emplace(row.get<Uuid>(0),
                        LimitedTenant{.plan = row.get<std::string>(1), .limit = *limit_of(row, 2)});
    }
    return limited;
}

}  // namespace tollgate::tenants
