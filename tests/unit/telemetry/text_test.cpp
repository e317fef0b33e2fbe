#include "telemetry/text.hpp"

#include <catch2/catch.hpp>

#include "telemetry/log.hpp"

using namespace tollgate;
using telemetry::printable;
using telemetry::valid_utf8;

namespace {

// U+FFFD so many times.
std::string replaced(std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += "\xEF\xBF\xBD";
    return text;
}

}  // namespace

TEST_CASE("characters of every length stay as they are up to the borders of what is allowed") {
    for (const std::string_view text :
         {"", "plain", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
          "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "M\xC3\xBCller \xF0\x9F\x92\xB8"}) {
        INFO(text);
        CHECK(valid_utf8(text) == text);
    }
    CHECK(valid_utf8(std::string_view{"\0", 1}) == std::string_view{"\0", 1});
}

TEST_CASE("bytes that decoders of JSON refuse are replaced one by one") {
    for (const std::string_view bytes :
         {"\x80", "\xBF", "\xFF", "\xFE", "\xC3", "\xE2\x82", "\xF0\x9F\x92",  // alone or cut off
          "\xED\xA0\x80", "\xED\xBF\xBF",                                      // surrogates
          "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80",
          "\xF0\x8F\xBF\xBF",                                                 // overlong
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80"}) {  // beyond U+10FFFF
        CHECK(valid_utf8(bytes) == replaced(bytes.size()));
        CHECK(valid_utf8(fmt::format("a{}b", bytes)) == "a" + replaced(bytes.size()) + "b");
    }
    CHECK(valid_utf8("\xE2\x82\xE2\x82\xAC") == replaced(2) + "\xE2\x82\xAC");
}

TEST_CASE("nothing printable moves the cursor or turns the direction of writing") {
    CHECK(printable("a\x1b[2J\r\n\tb\x7f") == R"(a\x1b[2J\x0d\x0a\x09b\x7f)");
    CHECK(printable("\xC2\x9B"
                    "2J \xC2\x85 \xC2\x80") == R"(\u009b2J \u0085 \u0080)");
    CHECK(printable("\xE2\x80\xAEgnp.exe") == R"(\u202egnp.exe)");
    CHECK(printable("\xE2\x80\x8E\xE2\x80\x8F\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA") ==
          R"(\u200e\u200f\u2028\u2029\u202a)");
    CHECK(printable("\xE2\x81\xA6\xE2\x81\xA9\xD8\x9C") == R"(\u2066\u2069\u061c)");
    CHECK(printable("\xC2\xA0 \xE2\x80\x8D \xE2\x80\xAF \xE2\x81\xAA \xD9\x85\xD8\xB1") ==
          "\xC2\xA0 \xE2\x80\x8D \xE2\x80\xAF \xE2\x81\xAA \xD9\x85\xD8\xB1");
    CHECK(printable("\xED\xA0\x80") == replaced(3));
}

TEST_CASE("a line of the log is valid whatever a host or a field brings along") {
    const auto line = [](telemetry::log::Format format, std::string_view host) {
        return telemetry::log::format_line({.service = "relay", .format = format}, Timestamp{},
                                           telemetry::log::Level::info, host, {{"host", host}});
    };
    CHECK_THAT(line(telemetry::log::Format::json, "h\xED\xA0\x80"),
               Catch::Contains(R"("msg":"h)" + replaced(3)) && Catch::Contains(R"("host":"h)" + replaced(3)));
    CHECK_THAT(line(telemetry::log::Format::readable, "h\xC2\x9B\xE2\x80\xAE"),
               Catch::Contains(R"(  h\u009b\u202e  host=h\u009b\u202e)"));
}
