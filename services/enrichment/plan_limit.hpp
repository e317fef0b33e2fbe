// What is over a tenant's plan is held, each event until its turn: they pass at the plan's rate, reckoned
// from when they were received. So nothing is held because enrichment was away for a while.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "consumer/handler.hpp"
#include "core/clock.hpp"
#include "enrichment/known_event.hpp"
#include "tenants/plans.hpp"

namespace tollgate::enrichment {

inline constexpr std::string_view over_plan = "over_plan";

struct Pace {
    std::chrono::microseconds apart{0};
    std::int32_t burst = 1;
};
Pace pace_of(const tenants::PlanLimit& limit);

// When an event received then may pass, with `next` the first time that nobody has taken yet. A tenant who
// sent little before may send a burst.
Timestamp take_turn(Timestamp& next, const Pace& pace, Timestamp received);

// For each task whether it has to wait. What was set aside before has had its turn given to it. Keeps the
// turns that it gives out, and gives them out anew when a plan has changed. Throws SqlError.
std::vector<std::optional<consumer::Hold>> wait_for_turns(postgres::Transaction& tx,
                                                          std::span<const consumer::Task> batch,
                                                          const std::unordered_map<Uuid, KnownEvent>& known);

}  // namespace tollgate::enrichment
