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
    std::int64_t limit = 1'000;
};
// The oldest first. For who wants them done over.
Result<std::vector<Uuid>> find_done(postgres::Transaction& tx, const tenants::Actor& actor,
                                    const DoneFilter& filter);

}  // namespace tollgate::consumer
