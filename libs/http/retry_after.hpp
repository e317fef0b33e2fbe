// Dates as HTTP writes them, and the header that says when to come again.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace tollgate::http {

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string format_http_date(Timestamp time);

// The same and the two older forms that RFC 9110 makes recipients accept. `now` settles the century of a
// year of two digits.
Result<Timestamp> parse_http_date(std::string_view text, Timestamp now);

// Seconds or a date, as a delay from `now`; a date that has passed is no delay. What a peer says may be
// absurd: the caller clamps it to what it can live with.
Result<std::chrono::seconds> parse_retry_after(std::string_view value, Timestamp now);

std::string format_retry_after(std::chrono::seconds delay);

}  // namespace tollgate::http
