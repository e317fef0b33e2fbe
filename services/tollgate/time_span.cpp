#include "tollgate/time_span.hpp"

#include "core/units.hpp"

namespace tollgate {

namespace {

Result<std::optional<Timestamp>> read_moment(const char* flag, const std::string& text, Timestamp now) {
    if (text.empty()) return std::nullopt;
    if (const auto moment = parse_rfc3339(text)) return *moment;
    if (const auto day = parse_rfc3339(text + "T00:00:00Z")) return *day;
    if (const auto ago = parse_duration(text)) return now - *ago;
    return fail(
        ErrorCode::invalid,
        "{}: \"{}\" is no time: give one as 2026-11-21T03:11:00Z (RFC 3339), a day as 2026-11-21, or how "
        "long ago, as 90m or 2d",
        flag, text);
}

}  // namespace

Result<TimeSpan> read_span(const std::string& since, const std::string& until, Timestamp now) {
    const auto from = read_moment("--since", since, now);
    if (!from) return std::unexpected{from.error()};
    const auto to = read_moment("--until", until, now);
    if (!to) return std::unexpected{to.error()};
    if (*from && *to && **from >= **to)
        return fail(ErrorCode::invalid, "--until is not after --since: there is nothing in between");
    return TimeSpan{.since = *from, .until = *to};
}

std::string flags_of_moments(const std::string& since, const std::string& until, const TimeSpan& span) {
    std::string flags;
    if (span.since && parse_duration(since)) flags += " --since " + to_rfc3339(*span.since);
    if (span.until && parse_duration(until)) flags += " --until " + to_rfc3339(*span.until);
    return flags;
}

}  // namespace tollgate
