#include "core/units.hpp"

#include <catch2/catch.hpp>

#include "core/result.hpp"
#include "core/secret.hpp"

using namespace tollgate;
using namespace std::chrono_literals;

TEST_CASE("durations and sizes are read with their unit") {
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("5s") == 5s);
    CHECK(parse_duration("10m") == 10min);
    CHECK(parse_duration("2h") == 2h);
    CHECK(parse_duration("7d") == 168h);
    CHECK(parse_size("512B") == 512U);
    CHECK(parse_size("256KiB") == 262'144U);
    CHECK(parse_size("2GiB") == 2'147'483'648U);
}

TEST_CASE("a number without a unit or beyond reason is refused") {
    for (const std::string_view text :
         {"", "5", "ms", "-5s", "5 s", "5S", "5.5s", "5sec", "9223372036854775807d"}) {
        INFO(text);
        CHECK_FALSE(parse_duration(text).has_value());
    }
    for (const std::string_view text : {"", "5", "5KB", "5kib", "-1B", "9223372036854775807GiB"}) {
        INFO(text);
        CHECK_FALSE(parse_size(text).has_value());
    }
}

TEST_CASE("durations and sizes are printed in the largest unit that divides them") {
    CHECK(to_text(0ms) == "0ms");
    CHECK(to_text(1500ms) == "1500ms");
    CHECK(to_text(90s) == "90s");
    CHECK(to_text(48h) == "2d");
    CHECK(size_to_text(262'144) == "256KiB");
    CHECK(size_to_text(1000) == "1000B");
}

TEST_CASE("an error says its kind and what was being done") {
    const Error error{ErrorCode::unavailable, "connection refused"};
    CHECK(error.within("relay").text() == "unavailable: relay: connection refused");
    CHECK(error.within("relay").code == ErrorCode::unavailable);
}

TEST_CASE("only a duplicate counts as done and only a reject is final") {
    CHECK(disposition(ErrorCode::duplicate) == Disposition::duplicate);
    CHECK(disposition(ErrorCode::bad_data) == Disposition::reject);
    CHECK(disposition(ErrorCode::refused) == Disposition::reject);
    CHECK(disposition(ErrorCode::overloaded) == Disposition::overloaded);
    for (const ErrorCode code :
         {ErrorCode::unavailable, ErrorCode::timed_out, ErrorCode::contended, ErrorCode::in_doubt,
          ErrorCode::fenced, ErrorCode::misconfigured, ErrorCode::internal}) {
        CHECK(disposition(code) == Disposition::retry);
    }
}

TEST_CASE("a secret that was moved away leaves nothing behind") {
    Secret first{"hunter2"};
    const Secret second{std::move(first)};
    CHECK(second.reveal() == "hunter2");
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    STATIC_REQUIRE_FALSE(fmt::is_formattable<Secret>::value);
}
