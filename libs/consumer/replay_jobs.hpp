// A replay as operators order it: a job, whose messages are chosen when it begins. The consumer's own runtime
// carries it out (carry_on_replays), so it goes on whoever ends.
#pragma once

#include "consumer/letters.hpp"
#include "postgres/connection.hpp"

namespace tollgate::consumer {

// What one job takes on.
inline constexpr std::int64_t replay_messages_max = 100'000;

struct ReplaySettings {
    std::optional<std::int32_t> rate{};          // messages per second; none: as fast as they are done
    std::int64_t canary = 0;                     // so many first, and the others when all of these are done
    std::optional<std::int32_t> stop_percent{};  // ends when more than so many of 100 failed again
    std::int32_t outstanding_max = 100;          // started and not settled
};

struct ReplayJob {
    Uuid id;
    std::string consumer;
    std::vector<Uuid> tenants;
    std::string actor;
    std::string reason;
    std::string filter;  // a JSON object
    ReplaySettings settings;
    std::string state;                // running, paused, aborted, stopped, done
    std::optional<std::string> note;  // why it was stopped
    std::int64_t total = 0;
    std::int64_t started = 0;
    std::int64_t outstanding = 0;
    std::int64_t done = 0;
    std::int64_t died = 0;
    std::int64_t held = 0;
    std::int64_t discarded = 0;
    std::int64_t left_alone = 0;  // no longer as they were when they were chosen
    std::int64_t failing = 0;     // of the outstanding: failed already, and wait for a retry
    Timestamp created_at;
    Timestamp changed_at;
    std::optional<Timestamp> ended_at;

    bool ended() const { return state != "running" && state != "paused"; }
};

struct StartedReplay {
    ReplayJob job;
    std::int64_t left = 0;    // being replayed already; of ids also those that are not in that state
    std::int64_t beyond = 0;  // the limit
};

// Of the oldest that the filter means, which names one consumer, and dead or held ones. `not_found` if that
// is nothing.
Result<StartedReplay> start_replay(postgres::Transaction& tx, const tenants::Actor& actor,
                                   const LetterFilter& filter, const ReplaySettings& settings,
                                   std::string_view reason);

struct ReplayFilter {
    std::optional<std::string> tenant{};
    std::optional<std::string> consumer{};
    bool ended_too = true;
    std::int64_t limit = 50;
};
// The newest first.
Result<std::vector<ReplayJob>> list_replays(postgres::Transaction& tx, const tenants::Actor& actor,
                                            const ReplayFilter& filter);
Result<ReplayJob> show_replay(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& id);

// From then on nothing more of it is started. What is outstanding is finished.
Result<ReplayJob> pause_replay(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& id,
                               std::string_view reason);
Result<ReplayJob> resume_replay(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& id,
                                std::string_view reason);
// Likewise, for good.
Result<ReplayJob> abort_replay(postgres::Transaction& tx, const tenants::Actor& actor, const Uuid& id,
                               std::string_view reason);

// A step of all jobs of a consumer, by whichever of its members comes to it.
struct ReplayStep {
    std::size_t open = 0;      // jobs that are not at their end
    std::int64_t started = 0;  // messages that are due now
};
Result<ReplayStep> carry_on_replays(postgres::Connection& connection, const std::string& consumer);

}  // namespace tollgate::consumer
