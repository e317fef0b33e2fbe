#include "telemetry/log.hpp"

#include <limits>

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::telemetry;

namespace {

const Timestamp noon{std::chrono::milliseconds{1'763'694'660'123}};

std::string json(std::string_view message, log::Fields fields) {
    return log::format_line({.service = "relay", .level = log::Level::info, .format = log::Format::json},
                            noon, log::Level::warning, message, fields);
}

std::string readable(std::string_view message, log::Fields fields) {
    return log::format_line({.service = "relay", .level = log::Level::info, .format = log::Format::readable},
                            noon, log::Level::warning, message, fields);
}

}  // namespace

TEST_CASE("a log line is one JSON object with its fields typed") {
    CHECK(json("took over", {{"epoch", 3}, {"lag", 0.5}, {"clean", true}, {"topic", "tollgate.raw"}}) ==
          R"({"ts":"2025-11-21T03:11:00.123Z","level":"warning","service":"relay","msg":"took over",)"
          R"("epoch":3,"lag":0.5,"clean":true,"topic":"tollgate.raw"})");
}

TEST_CASE("quotes and line feeds and numbers without a value stay inside one JSON line") {
    CHECK(json("a\"b\nc", {{"error", "x\ty\x01"}, {"ratio", std::numeric_limits<double>::quiet_NaN()}}) ==
          R"({"ts":"2025-11-21T03:11:00.123Z","level":"warning","service":"relay","msg":"a\"b\nc",)"
          R"("error":"x\ty\u0001","ratio":"nan"})");
}

TEST_CASE("bytes that are not UTF-8 do not spoil the line") {
    CHECK_THAT(json("x", {{"name", std::string("a\xff\xc3")}}), Catch::Contains("a\xEF\xBF\xBD\xEF\xBF\xBD"));
    CHECK_THAT(json("x", {{"name", "M\xC3\xBCller \xF0\x9F\x92\xB8"}}),
               Catch::Contains("M\xC3\xBCller \xF0\x9F\x92\xB8"));
}

TEST_CASE("a readable line keeps control characters from moving the cursor") {
    CHECK(readable("hello", {{"name", "a\x1b[2Jb\n"}, {"n", 5}}) ==
          "03:11:00.123 WARN  hello  name=a\\x1b[2Jb\\x0a  n=5");
}

TEST_CASE("fields named as secrets are never printed") {
    for (const auto* const key :
         {"password", "client_secret", "Authorization", "x-api-key", "access_token", "Set-Cookie"}) {
        INFO(key);
        CHECK_THAT(json("x", {{key, "hunter2"}}), !Catch::Contains("hunter2"));
    }
}

TEST_CASE("an unknown level is refused by name") {
    CHECK(log::parse_level("warning") == log::Level::warning);
    CHECK_THAT(log::parse_level("loud").error().detail, Catch::Contains("\"loud\""));
}
