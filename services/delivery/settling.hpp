// What came of calls, as it is written.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/backoff.hpp"
#include "delivery/lanes.hpp"
#include "delivery/slack_outcome.hpp"
#include "delivery/story_rows.hpp"

namespace tollgate::delivery {

struct Ended {
    Uuid attempt;
    Uuid tenant;
    Uuid destination;
    Outcome outcome;
    std::string headline;
    std::optional<StoryTold> story{};
    // When the event came, of a message that was to be sent at once.
    std::optional<Timestamp> since{};
};

struct RetryLimits {
    Backoff backoff{.base = std::chrono::seconds{2}, .cap = std::chrono::minutes{15}};
    std::chrono::milliseconds age_max{std::chrono::hours{6}};
    std::string_view build;
};

struct Settled {
    std::vector<Ended> noted{};
    std::vector<Ended> left{};  // the database takes nothing at the moment
    std::string trouble{};      // and why
    std::size_t died = 0;
    std::vector<LaneChange> changes{};
};

// Writes what came of attempts, and appends the dead to the journal. All of it in one transaction; where the
// database refuses what one of them says, that one by itself, with its outcome and nothing else. So what one
// peer answers keeps nobody else's outcome from being written.
Settled settle(postgres::Connection& connection, std::vector<Ended> ended, const RetryLimits& limits);

std::string_view name(OutcomeKind kind);

}  // namespace tollgate::delivery
