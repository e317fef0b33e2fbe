#include "crypto/keyring.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "crypto/hex.hpp"

using Catch::Matchers::Contains;
using tollgate::ErrorCode;
using tollgate::Secret;
using namespace tollgate::crypto;

namespace {

constexpr std::string_view old_line = "2025 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
constexpr std::string_view new_line = "2026 //79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=\n";
constexpr std::string_view row = "tenants.secret/018f3b1c-7c5a-7000-8000-000000000001/7";

Keyring ring(std::string_view text) {
    auto parsed = Keyring::parse(text, "keys");
    REQUIRE(parsed);
    return std::move(*parsed);
}

std::string refusal_of(std::string_view text) {
    const auto parsed = Keyring::parse(text, "keys");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ErrorCode::misconfigured);
    return parsed.error().detail;
}

std::string refusal_to_open(const Keyring& keys, std::string_view sealed, std::string_view context) {
    const auto opened = keys.open(sealed, context);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == ErrorCode::misconfigured);
    return opened.error().detail;
}

}  // namespace

TEST_CASE("what is sealed opens in its place and shows nothing of the plain text") {
    const Keyring keys = ring(old_line);
    const std::string sealed = keys.seal(Secret{"whsec_plain"}, row);
    CHECK(sealed.find("plain") == std::string::npos);
    const auto opened = keys.open(sealed, row);
    REQUIRE(opened);
    CHECK(opened->reveal() == "whsec_plain");
    CHECK(keys.seal(Secret{"whsec_plain"}, row) != sealed);
    CHECK(keys.open(keys.seal(Secret{}, row), row)->empty());
}

TEST_CASE("a value that was sealed by the first release opens for ever") {
    const std::string sealed = hex_decode(
                                   "0104323032350c53834307fc17db32f115c430f745e2775d71ec3cc67b7adf7f"
                                   "a0aa2b5bad4a812a0cf0ad6d6c21a4fd574ee356d4")
                                   .value();
    const auto opened = ring(old_line).open(sealed, row);
    REQUIRE(opened);
    CHECK(opened->reveal() == "sealed once");
}

TEST_CASE("after a rotation old values open and new ones are sealed under the first key") {
    const std::string before = ring(old_line).seal(Secret{"secret"}, row);
    const Keyring rotated = ring(std::string{new_line} + std::string{old_line});
    CHECK(rotated.sealing_key_id() == "2026");
    REQUIRE(rotated.open(before, row));
    CHECK(rotated.needs_reseal(before));

    const std::string after = rotated.seal(Secret{"secret"}, row);
    CHECK_FALSE(rotated.needs_reseal(after));
    CHECK(rotated.needs_reseal("no sealed value"));
    CHECK_THAT(refusal_to_open(ring(old_line), after, row),
               Contains("the key \"2026\", which is not among the keys"));
}

TEST_CASE("a value that was moved to another row does not open and says so") {
    const Keyring keys = ring(old_line);
    CHECK_THAT(refusal_to_open(keys, keys.seal(Secret{"secret"}, row), "tenants.secret/another/7"),
               Contains("sealed for another place than \"tenants.secret/another/7\""));
}

TEST_CASE("the context itself is authenticated and not only its mark in the header") {
    const Keyring keys = ring(old_line);
    const std::string here = keys.seal(Secret{"secret"}, "here");
    // The mark of "there" put over that of "here": version, length and id take 2 + 4 bytes, the mark 8.
    std::string moved = here;
    moved.replace(6, 8, keys.seal(Secret{"x"}, "there").substr(6, 8));
    CHECK_THAT(refusal_to_open(keys, moved, "there"), Contains("tampered"));
}

TEST_CASE("no byte of a sealed value can be changed or cut off") {
    const Keyring keys = ring(std::string{new_line} + std::string{old_line});
    const std::string sealed = keys.seal(Secret{"secret"}, row);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 0x10);
        CHECK_FALSE(keys.open(changed, row));
        CHECK_FALSE(keys.open(sealed.substr(0, i), row));
    }
    std::string flipped = sealed;
    flipped.back() = static_cast<char>(flipped.back() ^ 1);
    CHECK_THAT(refusal_to_open(keys, flipped, row), Contains("tampered with"));
}

TEST_CASE("another key under the same id does not open it") {
    const std::string sealed = ring(old_line).seal(Secret{"secret"}, row);
    std::string impostor{new_line};
    impostor.replace(0, 4, "2025");
    CHECK_THAT(refusal_to_open(ring(impostor), sealed, row), Contains("is not the one that sealed it"));
}

TEST_CASE("what is no sealed value is told from a newer format") {
    const Keyring keys = ring(old_line);
    CHECK_THAT(refusal_to_open(keys, "", row), Contains("not sealed"));
    CHECK_THAT(refusal_to_open(keys, "\x01\x04", row), Contains("not sealed"));
    CHECK_THAT(refusal_to_open(keys, "\x02 of a later release", row), Contains("sealed in format 2"));
}

TEST_CASE("comments and blank lines and line ends of other systems are allowed in a key file") {
    const Keyring keys = ring("# made by up\r\n\n  \t\n   " + std::string{new_line} + "\t# older\n" +
                              std::string{old_line.substr(0, old_line.size() - 1)} + " \r");
    CHECK(keys.sealing_key_id() == "2026");
    CHECK(keys.open(ring(old_line).seal(Secret{"secret"}, row), row));
}

TEST_CASE("a wrong key file is refused with the line and without the key") {
    CHECK_THAT(refusal_of(""), Contains("keys has no key"));
    CHECK_THAT(refusal_of("# nothing\n"), Contains("has no key"));
    CHECK_THAT(refusal_of(std::string{old_line} + "\nloneword\n"),
               Contains("keys:3: ") && Contains("one word"));
    CHECK_THAT(refusal_of(std::string{old_line} + std::string{old_line}),
               Contains("keys:2: ") && Contains("\"2025\" stands in the file twice"));
    CHECK_THAT(refusal_of("2025 AAEC\n"), Contains("keys:1: ") && Contains("3 bytes instead of 32"));
    CHECK_THAT(refusal_of("2025 AAECAwQ\n"), Contains("keys:1: ") && Contains("base64"));
    CHECK_THAT(refusal_of("2025 AAECAwQF BgcI\n"), Contains("base64"));
    CHECK_THAT(refusal_of(std::string(65, 'k') + " AAECAwQF\n"), Contains("keys:1: ") && Contains("key id"));
    // Id and key the wrong way round: neither word may be printed.
    const std::string swapped = refusal_of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8= 2025\n");
    CHECK_THAT(swapped, Contains("first word") && !Contains("AAEC"));
}

TEST_CASE("a fresh key line is a key file by itself and each one is another key") {
    const auto line = make_key_line("2027-01");
    REQUIRE(line);
    CHECK(ring(line->reveal()).sealing_key_id() == "2027-01");
    CHECK(line->reveal() != make_key_line("2027-01")->reveal());
    CHECK_FALSE(make_key_line(""));
    CHECK_FALSE(make_key_line("two words"));
}
