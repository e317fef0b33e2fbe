#include "tollgate/time_span.hpp"

#include <chrono>

#include <catch2/catch.hpp>

using namespace tollgate;

namespace {

const Timestamp now = parse_rfc3339("2026-11-21T03:11:00Z").value();

std::string since(const std::string& text) {
    const auto span = read_span(text, "", now);
    if (!span) return span.error().detail;
    return span->since ? to_rfc3339(*span->since) : "";
}

}  // namespace

TEST_CASE("a time is named by its moment, its day, or how long ago it was") {
    CHECK(since("2026-11-01T07:00:00+02:00") == "2026-11-01T05:00:00.000Z");
    CHECK(since("2026-11-01") == "2026-11-01T00:00:00.000Z");
    CHECK(since("90m") == "2026-11-21T01:41:00.000Z");
    CHECK(since("2d") == "2026-11-19T03:11:00.000Z");
    CHECK(since("").empty());
    for (const std::string text :
         {"yesterday", "2", "-2h", "2026-11", "2026-13-01", "h", "99999999999999d"}) {
        INFO(text);
        CHECK_THAT(since(text), Catch::StartsWith("--since: \"" + text + "\" is no time: give one as "));
    }
    const auto both = [](const std::string& from, const std::string& to) {
        return flags_of_moments(from, to, *read_span(from, to, now));
    };
    CHECK(both("2h", "1h") == " --since 2026-11-21T01:11:00.000Z --until 2026-11-21T02:11:00.000Z");
    CHECK(both("2026-11-01", "").empty());
    CHECK(read_span("", "1h", now)->until == now - std::chrono::hours{1});
    CHECK_FALSE(read_span("1h", "2h", now).has_value());
    CHECK_FALSE(read_span("1h", "1h", now).has_value());
}
