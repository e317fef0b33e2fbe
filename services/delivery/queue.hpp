// The queue of messages, as a sender works on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/backoff.hpp"
#include "delivery/content.hpp"
#include "delivery/slack_outcome.hpp"
#include "delivery/story_rows.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::delivery {

struct ClaimLimits {
    std::int32_t most = 0;       // now
    std::int32_t lane_most = 4;  // under way for one destination, whoever sends them
    std::chrono::milliseconds lease{std::chrono::seconds{30}};
};

// A delivery that is this sender's until its lease is over. The attempt is on record once the transaction has
// committed.
struct Claimed {
    Uuid tenant;
    Uuid delivery;
    Uuid destination;
    Uuid attempt;
    std::string kind;
    std::string layout;
    std::string why;
    std::string mention;
    std::string story_kind;
    std::string story_id;
    std::int32_t priority = 4;
    bool may_be_repeat = false;
    bool held_back = false;
    bool replayed = false;
    bool as_text = false;
    bool at_top = false;
    LocalClock clock;  // of the tenant
    std::optional<KnownStory> story{};
    bool ends_storm = false;
    std::size_t storm_events = 0;  // of which the last ones are in `told`
    std::vector<ToldEvent> told;
};
std::vector<Claimed> claim(postgres::Transaction& tx, const Uuid& sender, const ClaimLimits& limits);

struct Ended {
    Uuid attempt;
    Uuid tenant;
    Uuid destination;
    Outcome outcome;
    std::string headline;
    std::optional<StoryTold> story{};
};

struct RetryLimits {
    Backoff backoff{.base = std::chrono::seconds{2}, .cap = std::chrono::minutes{15}};
    std::chrono::milliseconds age_max{std::chrono::hours{6}};
    std::string_view build;
};

// Writes what came of attempts, and appends the dead to the journal. Gives how many died.
std::size_t settle(postgres::Transaction& tx, std::span<const Ended> ended, const RetryLimits& limits);

// Attempts whose lease is over and of which nothing is known. Gives how many.
std::int64_t lapse(postgres::Transaction& tx);

// Takes away some of what was settled long ago; how many messages.
std::int64_t forget(postgres::Transaction& tx);

struct Standing {
    std::int64_t waiting = 0;
    std::int64_t dead = 0;
    std::int64_t unknown = 0;
    std::chrono::seconds oldest_due{0};
    std::int64_t broken = 0;  // destinations
    std::int64_t open_breakers = 0;
};
// How the queue stands, of all tenants.
Standing read_standing(postgres::Transaction& tx);

std::string_view name(OutcomeKind kind);

}  // namespace tollgate::delivery
