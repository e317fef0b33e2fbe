#include "core/clock.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;

TEST_CASE("times are printed in UTC with milliseconds") {
    const Timestamp time{std::chrono::microseconds{1'763'694'660'123'987}};
    CHECK(to_rfc3339(time) == "2025-11-21T03:11:00.123Z");
    CHECK(to_rfc3339(Timestamp{std::chrono::microseconds{-1}}) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("every form of RFC 3339 is read") {
    struct Example {
        std::string_view text;
        std::string_view same;
    };
    for (const auto& [text, same] :
         {Example{"2026-02-28T23:59:59Z", "2026-02-28T23:59:59.000Z"},
          Example{"2026-03-01t01:29:59.5+01:30", "2026-02-28T23:59:59.500Z"},
          Example{"2026-02-28 15:59:59.123456789-08:00", "2026-02-28T23:59:59.123Z"},
          Example{"2024-02-29T00:00:00z", "2024-02-29T00:00:00.000Z"},
          Example{"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"}}) {
        INFO(text);
        const auto time = parse_rfc3339(text);
        REQUIRE(time.has_value());
        CHECK(to_rfc3339(*time) == same);
    }
}

TEST_CASE("microseconds are kept and what is finer is cut") {
    CHECK(parse_rfc3339("1970-01-01T00:00:00.123456789Z")->time_since_epoch() ==
          std::chrono::microseconds{123456});
}

TEST_CASE("what is not a time is refused") {
    for (const std::string_view text :
         {"", "2026-02-28", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
          "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00",
          "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00Zx",
          "26-01-01T00:00:00Z"}) {
        INFO(text);
        CHECK_FALSE(parse_rfc3339(text).has_value());
    }
}
