#include "crypto/hex.hpp"

#include <catch2/catch.hpp>

using namespace tollgate::crypto;

TEST_CASE("bytes become lower-case digits and come back") {
    const std::string bytes{"\x00\x0f\xa5\xff", 4};
    CHECK(hex_encode(bytes) == "000fa5ff");
    CHECK(hex_decode("000fa5ff", HexCase::lower) == bytes);
    CHECK(hex_decode("") == "");
}

TEST_CASE("capital digits are read only where any case will do") {
    CHECK(hex_decode("A5fF", HexCase::any) == "\xa5\xff");
    CHECK_FALSE(hex_decode("A5ff", HexCase::lower));
    CHECK_FALSE(hex_decode("a5fF", HexCase::lower));
}

TEST_CASE("what is not hexadecimal is refused with its position and without its text") {
    for (const std::string_view text :
         {"a", "abc", "0g", "g0", "0x", " 00", "00 ", "0-", "@0", "`0", "/0", ":0"}) {
        INFO(text);
        CHECK_FALSE(hex_decode(text));
    }
    const auto decoded = hex_decode("00ff7?");
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().detail == "not hexadecimal: character 6 is no digit of it");
}
