#include "crypto/base64.hpp"

#include <catch2/catch.hpp>

#include "crypto/random.hpp"

using namespace tollgate::crypto;

namespace {

struct Pair {
    std::string_view bytes;
    std::string_view text;
};

// RFC 4648 section 10.
constexpr std::array<Pair, 7> vectors{{{"", ""},
                                       {"f", "Zg=="},
                                       {"fo", "Zm8="},
                                       {"foo", "Zm9v"},
                                       {"foob", "Zm9vYg=="},
                                       {"fooba", "Zm9vYmE="},
                                       {"foobar", "Zm9vYmFy"}}};

}  // namespace

TEST_CASE("the vectors of RFC 4648 go both ways") {
    for (const auto& [bytes, text] : vectors) {
        CHECK(base64_encode(bytes) == text);
        CHECK(base64_decode(text) == std::string{bytes});
        const std::string bare{text.substr(0, text.find('='))};
        CHECK(base64url_encode(bytes) == bare);
        CHECK(base64url_decode(bare) == std::string{bytes});
    }
}

TEST_CASE("the two alphabets differ in their last two digits and do not read each other") {
    const std::string bytes{"\xfb\xff", 2};
    CHECK(base64_encode(bytes) == "+/8=");
    CHECK(base64url_encode(bytes) == "-_8");
    CHECK_FALSE(base64_decode("-_8="));
    CHECK_FALSE(base64url_decode("+/8"));
}

TEST_CASE("every text that is not the one encoding is refused") {
    for (const std::string_view text :
         {"Zg",    "Zg=",   "Zg===",  "Zg====",   "Z",        "Z===", "=",
          "==",    "====",  "Zm9v=",  "Zm9v====", "Zm=8",     "Z=g=", "Zg==Zg==",
          " Zg==", "Zg== ", "Zg==\n", "Zm\n9v",   "Zm9v\r\n", "Zm9?", "Zm9\x80"}) {
        INFO(text);
        CHECK_FALSE(base64_decode(text));
    }
    CHECK_FALSE(base64_decode(std::string_view{"Zm9\0", 4}));
}

TEST_CASE("trailing bits that belong to no byte are refused") {
    CHECK(base64_decode("Zg=="));
    CHECK_FALSE(base64_decode("Zh=="));
    CHECK_FALSE(base64_decode("Zv=="));
    CHECK(base64_decode("Zm8="));
    CHECK_FALSE(base64_decode("Zm9="));
    CHECK_FALSE(base64url_decode("Zh"));
}

TEST_CASE("padding is required or forbidden or optional as the caller says") {
    CHECK_FALSE(base64_decode("Zg", Padding::required));
    CHECK_FALSE(base64_decode("Zg==", Padding::forbidden));
    CHECK(base64_decode("Zg", Padding::optional) == "f");
    CHECK(base64_decode("Zg==", Padding::optional) == "f");
    CHECK_FALSE(base64_decode("Zg=", Padding::optional));
    CHECK_FALSE(base64url_decode("Zg=="));
    CHECK(base64url_decode("Zg==", Padding::optional) == "f");
}

TEST_CASE("the error does not repeat what may be a secret") {
    const auto decoded = base64_decode("c2VjcmV0*");
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().detail.find("c2Vj") == std::string::npos);
}

TEST_CASE("random bytes of every length come back from base64") {
    for (std::size_t length = 0; length < 100; ++length) {
        const std::string bytes = random_bytes(length);
        CHECK(base64_decode(base64_encode(bytes)) == bytes);
        CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
    }
}
