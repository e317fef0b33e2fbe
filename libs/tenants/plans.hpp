// Plans: how many verified events of a tenant are worked on at once. What is over it is accepted all the
// same, and held for later by enrichment.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/uuid.hpp"
#include "tenants/actor.hpp"

namespace tollgate::tenants {

struct PlanLimit {
    std::int32_t events_per_minute = 0;
    std::int32_t burst = 0;  // so many at once, before the rate holds

    bool operator==(const PlanLimit&) const = default;
};

struct Plan {
    std::string name;
    std::optional<PlanLimit> limit;  // none: no limit
    std::int64_t tenants = 0;        // of those that the actor may see
};

// Those that have a limit, and those that tenants have.
Result<std::vector<Plan>> list_plans(postgres::Transaction& tx, const Actor& actor);
// For all of the platform; none takes the limit away.
Result<Plan> set_plan(postgres::Transaction& tx, const Actor& actor, std::string_view plan,
                      const std::optional<PlanLimit>& limit, std::string_view reason = {});

struct LimitedTenant {
    std::string plan;
    PlanLimit limit;
};
// Of these tenants those whose plan limits them. Throws SqlError, as a statement does.
std::unordered_map<Uuid, LimitedTenant> read_limits(postgres::Transaction& tx, std::span<const Uuid> tenants);

}  // namespace tollgate::tenants
