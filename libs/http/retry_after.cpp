#include "http/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <vector>

namespace tollgate::http {

namespace {

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(" ,:-"), text.size());
        if (end > 0) parts.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value < 0) return std::nullopt;
    return value;
}

// RFC 9110 5.6.7: a year of two digits more than fifty years ahead is one of the past century.
int full_year(int year, std::size_t digits, Timestamp now) {
    if (digits != 2) return year;
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
    const int this_year = static_cast<int>(today.year());
    const int guess = this_year / 100 * 100 + year;
    return guess > this_year + 50 ? guess - 100 : guess;
}

std::optional<Timestamp> read_date(std::string_view text, Timestamp now) {
    // Sun, 06 Nov 1994 08:49:37 GMT      Sunday, 06-Nov-94 08:49:37 GMT      Sun Nov  6 08:49:37 1994
    const auto parts = split(text);
    const bool asctime = parts.size() == 7;
    if (!asctime && (parts.size() != 8 || parts[7] != "GMT")) return std::nullopt;
    const auto month = std::ranges::find(months, parts[asctime ? 1 : 2]);
    const std::string_view year_digits = parts[asctime ? 6 : 3];
    const auto day = number(parts[asctime ? 2 : 1]);
    const auto year = number(year_digits);
    const auto hour = number(parts[asctime ? 3 : 4]);
    const auto minute = number(parts[asctime ? 4 : 5]);
    const auto second = number(parts[asctime ? 5 : 6]);
    if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    if (year_digits.size() != 2 && year_digits.size() != 4) return std::nullopt;
    if (*day > 31 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::chrono::year_month_day date{
        std::chrono::year{full_year(*year, year_digits.size(), now)},
        std::chrono::month{static_cast<unsigned>(month - months.begin() + 1)},
        std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second};
}

}  // namespace

std::string format_http_date(Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       weekdays[std::chrono::weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                       months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

Result<Timestamp> parse_http_date(std::string_view text, Timestamp now) {
    if (const auto date = read_date(text, now)) return *date;
    return fail(ErrorCode::invalid, "\"{}\" is not a date such as Sun, 06 Nov 1994 08:49:37 GMT", text);
}

Result<std::chrono::seconds> parse_retry_after(std::string_view value, Timestamp now) {
    const bool digits =
        !value.empty() && std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (digits) {
        // Beyond what fits is "for ever", which the caller's clamp knows how to treat.
        std::int32_t count = std::numeric_limits<std::int32_t>::max();
        std::from_chars(value.data(), value.data() + value.size(), count);
        return std::chrono::seconds{count};
    }
    const auto date = parse_http_date(value, now);
    if (!date) {
        return fail(ErrorCode::invalid, "Retry-After \"{}\" is neither seconds nor a date", value);
    }
    return std::max(std::chrono::ceil<std::chrono::seconds>(*date - now), std::chrono::seconds{0});
}

std::string format_retry_after(std::chrono::seconds delay) {
    return fmt::format("{}", std::max(delay, std::chrono::seconds{0}).count());
}

}  // namespace tollgate::http
