// A time that --since and --until name, as people say it: the moment, the day, or how long ago.
#pragma once

#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace tollgate {

struct TimeSpan {
    std::optional<Timestamp> since;
    std::optional<Timestamp> until;
};

// "2026-11-21T03:11:00Z", "2026-11-21" for its first moment in UTC, or "2h" for two hours before `now`.
// Empty: none.
Result<TimeSpan> read_span(const std::string& since, const std::string& until,
                           Timestamp now = SystemClock{}.now());

// For the deed behind a dry run: the flags for what was said as how long ago, which would be later then.
// Empty: both were moments, or not given.
std::string flags_of_moments(const std::string& since, const std::string& until, const TimeSpan& span);

}  // namespace tollgate
