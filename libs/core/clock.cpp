#include "core/clock.hpp"

#include <charconv>

#include <fmt/compile.h>

namespace tollgate {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads exactly `width` digits and moves past them.
bool take_digits(std::string_view& rest, std::size_t width, int& value) {
    if (rest.size() < width) return false;
    value = 0;
    for (std::size_t i = 0; i < width; ++i) {
        if (rest[i] < '0' || rest[i] > '9') return false;
        value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(width);
    return true;
}

bool take(std::string_view& rest, char expected) {
    if (rest.empty() || rest.front() != expected) return false;
    rest.remove_prefix(1);
    return true;
}

bool take_fraction(std::string_view& rest, microseconds& fraction) {
    fraction = microseconds{0};
    if (!take(rest, '.')) return true;
    std::size_t digits = 0;
    std::int64_t scale = 100'000;
    while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9') {
        fraction += microseconds{(rest[digits] - '0') * scale};
        scale /= 10;
        ++digits;
    }
    rest.remove_prefix(digits);
    return digits >= 1 && digits <= 9;
}

bool take_offset(std::string_view& rest, minutes& offset) {
    offset = minutes{0};
    if (take(rest, 'Z') || take(rest, 'z')) return true;
    const bool east = take(rest, '+');
    if (!east && !take(rest, '-')) return false;
    int hour = 0;
    int minute = 0;
    if (!take_digits(rest, 2, hour) || !take(rest, ':') || !take_digits(rest, 2, minute)) return false;
    if (hour > 23 || minute > 59) return false;
    offset = hours{hour} + minutes{minute};
    if (!east) offset = -offset;
    return true;
}

}  // namespace

Timestamp SystemClock::now() const {
    return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Timestamp time) {
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::milliseconds>(time - day)};
    return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z"),
                       static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count(), clock.subseconds().count());
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
    std::string_view rest = text;
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    microseconds fraction{};
    minutes offset{};
    const bool read = take_digits(rest, 4, year) && take(rest, '-') && take_digits(rest, 2, month) &&
                      take(rest, '-') && take_digits(rest, 2, day) &&
                      (take(rest, 'T') || take(rest, 't') || take(rest, ' ')) && take_digits(rest, 2, hour) &&
                      take(rest, ':') && take_digits(rest, 2, minute) && take(rest, ':') &&
                      take_digits(rest, 2, second) && take_fraction(rest, fraction) &&
                      take_offset(rest, offset) && rest.empty();
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    // Second 60 is a leap second: RFC 3339 allows it, and it reads as the second after.
    if (!read || !date.ok() || hour > 23 || minute > 59 || second > 60) {
        return fail(ErrorCode::invalid,
                    "\"{}\" is not a time as in RFC 3339, for example 2026-11-21T03:11:00Z", text);
    }
    return std::chrono::sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + fraction - offset;
}

}  // namespace tollgate
