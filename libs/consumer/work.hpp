// What was not done at once: a row of consumer.work for each such message, with its bytes. The same runtime
// runs what is due of it, with the same handler.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "consumer/handler.hpp"
#include "core/backoff.hpp"

namespace tollgate::consumer {

// All zeros: the tenant of a message that does not say whose it is.
inline constexpr Uuid nobody{};

struct RetrySettings {
    Backoff backoff;
    // From the first attempt that failed to the last that is made.
    std::chrono::milliseconds age_max{std::chrono::hours{24}};
};

enum class WorkState { retrying, held, dead };

// What becomes of a message that is not done.
struct Verdict {
    WorkState state = WorkState::retrying;
    std::string reason;                                              // printable
    std::string hold{};                                              // of one that is held: its one word
    std::optional<std::chrono::milliseconds> due_in = std::nullopt;  // none: not by itself
    bool failed = true;                                              // an attempt was made, and is kept
};

// `tried_for` is the time since the first attempt that failed.
Verdict after_failure(const RetrySettings& settings, std::int32_t attempt,
                      std::chrono::milliseconds tried_for, std::chrono::milliseconds at_least,
                      std::string_view reason);
Verdict dead(std::string_view reason, bool failed = true);
Verdict held(std::string_view cause, std::string_view reason,
             std::optional<std::chrono::milliseconds> length = std::nullopt);
// Of one on which so many processes have ended.
Verdict condemned(std::int32_t crashes);
// Nothing for what is done.
std::optional<Verdict> verdict_on(const Outcome& outcome, const RetrySettings& settings, std::int32_t attempt,
                                  std::chrono::milliseconds tried_for);

// Who works, for whom, and by which program.
struct Worker {
    std::string consumer;
    Uuid member;
    std::string build;
};

// All of these throw SqlError, and are part of a transaction.

// A message that was not there before. False, and nothing done, if there is a row of it.
bool put_aside(postgres::Transaction& tx, const Worker& worker, const Task& task, const Verdict& verdict);

// A row that is being run: what is to become of it.
void settle(postgres::Transaction& tx, const Worker& worker, const Task& task, const Verdict& verdict);
// Rows that were run, and are done: gone, but for what the inbox has no place of.
void settle_done(postgres::Transaction& tx, const Worker& worker, std::span<const Uuid> ids);

}  // namespace tollgate::consumer
