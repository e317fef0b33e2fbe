// How destinations stand: whether what is for them goes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::delivery {

struct LaneStanding {
    Uuid tenant;
    Uuid destination;
    std::string destination_slug;
    std::optional<Timestamp> broken_at{};   // until it is reconnected
    std::optional<Timestamp> left_alone{};  // until then: its breaker is open
    std::optional<Timestamp> paused_until{};
    std::string reason{};  // why it is broken or paused
};

// Of these destinations, by tenant and destination; the rows are locked, in the order in which all senders
// lock them.
std::vector<LaneStanding> hold_lanes(postgres::Transaction& tx, std::span<const Uuid> tenants,
                                     std::span<const Uuid> destinations);

struct LaneChange {
    enum class What { breaker_opened, breaker_closed, broke };
    What what;
    LaneStanding now;
};
// What differs, where both hold the same destinations.
std::vector<LaneChange> changes(std::span<const LaneStanding> before, std::span<const LaneStanding> after);

void log(const LaneChange& change);

// Of all destinations that the connection may see and that something is the matter with.
std::vector<LaneStanding> troubled_lanes(postgres::Transaction& tx);

}  // namespace tollgate::delivery
