// Times as providers write them, and whether a signed one is near enough to now.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/clock.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

constexpr std::chrono::seconds tolerance_default{300};
constexpr std::chrono::seconds tolerance_max{86'400};

// Nothing but decimal digits, up to the year 9999.
std::optional<Timestamp> read_unix_seconds(std::string_view text);
std::optional<Timestamp> read_unix_milliseconds(std::string_view text);

// For what a body says, where a guess is good enough: digits are seconds, or milliseconds from 12 digits on;
// else RFC 3339.
std::optional<Timestamp> read_time(std::string_view text);

// Too old or too new, in whole seconds of now as the vendors' libraries count, or in what the vendor counts
// in: an age of exactly the tolerance passes. `where` is the field that the time stands in.
std::optional<Refused> outside_tolerance(Timestamp signed_at, Timestamp now, std::chrono::seconds tolerance,
                                         std::string_view where,
                                         std::chrono::milliseconds unit = std::chrono::seconds{1});

}  // namespace tollgate::providers
