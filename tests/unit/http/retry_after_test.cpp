#include "http/retry_after.hpp"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using tollgate::parse_rfc3339;
using tollgate::http::format_http_date;
using tollgate::http::format_retry_after;
using tollgate::http::parse_http_date;
using tollgate::http::parse_retry_after;

namespace {

const tollgate::Timestamp now = *parse_rfc3339("2026-11-21T03:11:00Z");

}  // namespace

TEST_CASE("Retry-After is read as seconds") {
    CHECK(*parse_retry_after("0", now) == 0s);
    CHECK(*parse_retry_after("120", now) == 120s);
    CHECK(*parse_retry_after("99999999999999999999", now) > 24h * 365);
}

TEST_CASE("Retry-After is read as a date") {
    CHECK(*parse_retry_after("Sat, 21 Nov 2026 03:12:30 GMT", now) == 90s);
    CHECK(*parse_retry_after("Sat, 21 Nov 2026 03:10:00 GMT", now) == 0s);
    CHECK(*parse_retry_after("Sat, 21 Nov 2026 03:11:02 GMT", now + 1500ms) == 1s);
}

TEST_CASE("a Retry-After that is neither is an error") {
    for (const char* value :
         {"", "-1", "1.5", "soon", "5 s", "Sat, 21 Nov 2026 03:12:30", "2026-11-21T03:12:30Z"}) {
        INFO(value);
        CHECK_FALSE(parse_retry_after(value, now));
    }
}

TEST_CASE("the three forms of a date say the same") {
    const auto expected = *parse_rfc3339("1994-11-06T08:49:37Z");
    CHECK(*parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now) == expected);
    CHECK(*parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now) == expected);
    CHECK(*parse_http_date("Sun Nov  6 08:49:37 1994", now) == expected);
    CHECK(format_http_date(expected) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(format_http_date(now) == "Sat, 21 Nov 2026 03:11:00 GMT");
}

TEST_CASE("a date that no calendar has is an error") {
    for (const char* text :
         {"Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Now 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 300 Nov 1994 08:49:37 GMT"}) {
        INFO(text);
        CHECK_FALSE(parse_http_date(text, now));
    }
}

TEST_CASE("Retry-After is written in seconds and never negative") {
    CHECK(format_retry_after(5s) == "5");
    CHECK(format_retry_after(-3s) == "0");
}
