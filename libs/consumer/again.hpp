// What an operator has run again: what failed, and what is done.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::consumer {

struct Again {
    std::int64_t started = 0;  // rows that are due now
    std::int64_t left = 0;     // messages that are not in that state: running, done, or not known
};

// Each is a verb, with its row in the audit log, for one consumer and messages of tenants that the actor may
// see. Safe to repeat: what runs already is left as it is.

// Dead and held ones, and those that wait for a retry, begin again at the first attempt.
Result<Again> replay(postgres::Transaction& tx, const tenants::Actor& actor, std::string_view consumer,
                     std::span<const Uuid> messages, std::string_view reason);

// What is done is run on its stored bytes once more. What follows from it keeps its id, so consumers behind
// drop it.
Result<Again> redo(postgres::Transaction& tx, const tenants::Actor& actor, std::string_view consumer,
                   std::span<const Uuid> messages, std::string_view reason);

// What a consumer is done with, and the archive still has.
struct DoneFilter {
    std::optional<std::string> tenant{};  // uuid or slug; none: all that the actor may see
    std::string consumer;
    std::optional<std::string> type{};  // "stripe.invoice.paid"
    std::optional<Timestamp> since{};   // received since
    std::optional<Timestamp> until{};
    std::vector<Uuid> ids{};  // none: any
};
// A step of it, the oldest first; there may be millions. Of ids it is all in one step.
struct DoneStep {
    std::vector<Uuid> ids;        // perhaps none, and more behind
    std::optional<Uuid> reached;  // where the next step begins; none: that was all
};
Result<DoneStep> find_done(postgres::Transaction& tx, const tenants::Actor& actor, const DoneFilter& filter,
                           const std::optional<Uuid>& behind);

// Of these how many are of days that were dropped: nothing is stored of them that could be done over.
Result<std::int64_t> count_dropped(postgres::Transaction& tx, const tenants::Actor& actor,
                                   const std::vector<Uuid>& ids);

// What such a step finds is run once more, so many at most.
struct RedoStep {
    Again again;
    std::optional<Uuid> last;     // of those that are run
    std::optional<Uuid> reached;  // as above
};
Result<RedoStep> redo_found(postgres::Transaction& tx, const tenants::Actor& actor, const DoneFilter& filter,
                            const std::optional<Uuid>& behind, std::size_t most, std::string_view reason);

}  // namespace tollgate::consumer
