#include "providers/signed_time.hpp"

#include <cstdint>

namespace tollgate::providers {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t year_10000 = 253'402'300'800;
constexpr std::size_t digits_max = 15;
// The year 5138 in seconds, 1973 in milliseconds.
constexpr std::size_t second_digits_likely = 11;

std::optional<std::int64_t> read_digits(std::string_view text) {
    if (text.empty() || text.size() > digits_max) return std::nullopt;
    std::int64_t number = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return std::nullopt;
        number = number * 10 + (digit - '0');
    }
    return number;
}

}  // namespace

std::optional<Timestamp> read_unix_seconds(std::string_view text) {
    const auto number = read_digits(text);
    if (!number || *number >= year_10000) return std::nullopt;
    return Timestamp{seconds{*number}};
}

std::optional<Timestamp> read_unix_milliseconds(std::string_view text) {
    const auto number = read_digits(text);
    if (!number || *number >= year_10000 * 1000) return std::nullopt;
    return Timestamp{milliseconds{*number}};
}

std::optional<Timestamp> read_time(std::string_view text) {
    if (const auto time =
            text.size() <= second_digits_likely ? read_unix_seconds(text) : read_unix_milliseconds(text)) {
        return time;
    }
    const auto time = parse_rfc3339(text);
    return time ? std::optional{*time} : std::nullopt;
}

std::optional<Refused> outside_tolerance(Timestamp signed_at, Timestamp now, seconds tolerance,
                                         std::string_view where, milliseconds unit) {
    const auto counted = [&](Timestamp time) {
        return std::chrono::floor<milliseconds>(time.time_since_epoch()) / unit * unit;
    };
    const milliseconds age = counted(now) - counted(signed_at);
    const auto text = [&](milliseconds distance) {
        return unit < seconds{1} ? fmt::format("{:.3f}", std::chrono::duration<double>{distance}.count())
                                 : fmt::format("{}", distance / seconds{1});
    };
    if (age > tolerance) {
        return Refused{Reason::too_old, fmt::format("{}: signed {} s ago, {} s are tolerated", where,
                                                    text(age), tolerance.count())};
    }
    if (age < -tolerance) {
        return Refused{Reason::too_new,
                       fmt::format("{}: signed for {} s ahead, {} s are tolerated; are the clocks right?",
                                   where, text(-age), tolerance.count())};
    }
    return std::nullopt;
}

}  // namespace tollgate::providers
