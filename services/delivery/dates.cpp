#include "delivery/dates.hpp"

#include <array>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace tollgate::delivery {

namespace {

using std::chrono::days;
using std::chrono::duration_cast;
using std::chrono::floor;
using std::chrono::hh_mm_ss;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::string offset_text(seconds offset) {
    if (offset.count() == 0) return "UTC";
    const auto part = minutes{std::abs(duration_cast<minutes>(offset).count())};
    const auto rest = part % hours{1};
    const std::string whole =
        fmt::format("UTC{}{}", offset.count() < 0 ? "-" : "+", duration_cast<hours>(part).count());
    return rest.count() == 0 ? whole : fmt::format("{}:{:02}", whole, rest.count());
}

std::string counted(std::int64_t count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

}  // namespace

std::optional<Timestamp> time_of(bool present, const google::protobuf::Timestamp& time) {
    constexpr Timestamp first = sys_days{year{1971} / 1 / 1};
    constexpr Timestamp last = sys_days{year{2200} / 1 / 1};
    constexpr std::int64_t per_second = 1'000'000;
    if (!present || time.seconds() < first.time_since_epoch().count() / per_second ||
        time.seconds() > last.time_since_epoch().count() / per_second) {
        return std::nullopt;
    }
    constexpr std::int32_t nanos_max = 999'999'999;
    const bool told = time.nanos() > 0 && time.nanos() <= nanos_max;
    return Timestamp{seconds{time.seconds()}} + microseconds{told ? time.nanos() / 1'000 : 0};
}

std::string day_text(Timestamp time, const LocalClock& clock) {
    const auto day = floor<days>(time + clock.utc_offset);
    const year_month_day date{day};
    const year_month_day today{floor<days>(clock.now + clock.utc_offset)};
    const auto number = static_cast<unsigned>(date.day());
    const std::string_view month = months.at(static_cast<unsigned>(date.month()) - 1);
    if (date.year() != today.year()) {
        return fmt::format("{} {} {}", number, month, static_cast<int>(date.year()));
    }
    return fmt::format("{} {} {}", weekdays.at(weekday{day}.c_encoding()), number, month);
}

std::string moment_text(Timestamp time, const LocalClock& clock) {
    const auto local = time + clock.utc_offset;
    const hh_mm_ss of_day{floor<seconds>(local - floor<days>(local))};
    return fmt::format("{}, {:02}:{:02} {}", day_text(time, clock), of_day.hours().count(),
                       of_day.minutes().count(), offset_text(clock.utc_offset));
}

std::string span_text(seconds span) {
    constexpr std::int64_t days_per_year = 365;
    constexpr std::int64_t months_per_year = 12;
    const auto in_days = duration_cast<days>(span).count();
    const auto in_months = in_days * months_per_year / days_per_year;
    if (in_months >= 2 * months_per_year) return counted(in_days / days_per_year, "year");
    if (in_months >= 2) return counted(in_months, "month");
    if (in_days >= 2) return counted(in_days, "day");
    if (span >= hours{1}) return counted(duration_cast<hours>(span).count(), "hour");
    if (span >= minutes{1}) return counted(duration_cast<minutes>(span).count(), "minute");
    return "less than a minute";
}

}  // namespace tollgate::delivery
