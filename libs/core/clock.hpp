// Time as a dependency, so that tests decide what time it is.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate {

// Microseconds since 1970 in UTC: what Postgres keeps of a timestamptz.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
public:
    Timestamp now() const override;
};

// "2026-11-21T03:11:00.123Z": RFC 3339 in UTC with milliseconds, as all our interfaces print it.
std::string to_rfc3339(Timestamp time);

// Any RFC 3339 time: offset or "Z", up to nine fractional digits (those beyond the sixth are cut).
Result<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace tollgate
