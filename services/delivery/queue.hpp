// The queue of messages, as a sender works on it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/content.hpp"
#include "delivery/digest_sum.hpp"
#include "delivery/slack_outcome.hpp"
#include "delivery/story_rows.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::delivery {

struct ClaimLimits {
    std::int32_t most = 0;       // now
    std::int32_t lane_most = 4;  // under way for one destination, whoever sends them
    std::int32_t kept = 0;       // of `most`, for destinations that answer quickly
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
    std::uint32_t usual = 0;      // facts of this kind in such a time, and how many of a storm's
    std::uint32_t recovered = 0;  // came to a good end
    std::size_t facts = 0;        // of which the last ones are in `told`
    std::vector<ToldEvent> told;
    DigestSum digest{};  // of one: what all of its facts come to, of which the first is in `told`
};
std::vector<Claimed> claim(postgres::Transaction& tx, const Uuid& sender, const ClaimLimits& limits);

// Attempts whose lease is over and of which nothing is known. Gives how many.
std::int64_t lapse(postgres::Transaction& tx);

// Also of destinations that take nothing.
bool is_any_due(postgres::Transaction& tx);

// Takes away some of what was settled long ago; false if there may be more of it.
bool forget(postgres::Transaction& tx, std::int32_t at_most = 1000);

struct Standing {
    std::int64_t waiting = 0;
    std::int64_t dead = 0;
    std::int64_t unknown = 0;
    std::chrono::seconds oldest_due{0};
    // Since when the oldest message waits that was to be sent at once, also for a destination that takes
    // nothing; but for what is disabled, and for quiet hours.
    std::chrono::seconds oldest_waiting{0};
    std::int64_t broken = 0;  // destinations
    std::int64_t open_breakers = 0;
};
// How the queue stands, of all tenants.
Standing read_standing(postgres::Transaction& tx);

}  // namespace tollgate::delivery
