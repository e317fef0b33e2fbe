#include "crypto/public_key.hpp"

#include <catch2/catch.hpp>

#include "crypto/hex.hpp"

using tollgate::ErrorCode;
using tollgate::Secret;
using namespace tollgate::crypto;

namespace {

struct Vector {
    std::string_view seed;
    std::string_view public_key;
    std::string_view message;
    std::string_view signature;
};

// RFC 8032, 7.1: tests 1 to 3.
constexpr std::array<Vector, 3> vectors{
    {{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
     {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
     {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}}};

std::string bytes(std::string_view hex) {
    return hex_decode(hex).value();
}

}  // namespace

TEST_CASE("the vectors of RFC 8032 come out") {
    for (const Vector& vector : vectors) {
        const Secret seed{bytes(vector.seed)};
        CHECK(hex_encode(ed25519_public_key(seed).value()) == vector.public_key);
        CHECK(hex_encode(ed25519_sign(seed, bytes(vector.message)).value()) == vector.signature);
        const auto key = Ed25519PublicKey::make(bytes(vector.public_key));
        REQUIRE(key);
        CHECK(key->verifies(bytes(vector.message), bytes(vector.signature)));
    }
}

TEST_CASE("a signature of another message, key or length is none") {
    const auto key = Ed25519PublicKey::make(bytes(vectors[1].public_key));
    REQUIRE(key);
    const std::string good = bytes(vectors[1].signature);
    CHECK_FALSE(key->verifies("s", good));
    CHECK_FALSE(key->verifies("rr", good));
    CHECK_FALSE(key->verifies("r", bytes(vectors[0].signature)));
    CHECK_FALSE(key->verifies("r", good.substr(0, 63)));
    CHECK_FALSE(key->verifies("r", good + '\0'));
    CHECK_FALSE(key->verifies("r", ""));
    std::string changed = good;
    changed[40] = static_cast<char>(changed[40] ^ 1);
    CHECK_FALSE(key->verifies("r", changed));
}

TEST_CASE("keys of another length are refused") {
    for (const std::size_t length : {std::size_t{0}, std::size_t{31}, std::size_t{33}, std::size_t{64}}) {
        const std::string text(length, 'k');
        REQUIRE_FALSE(Ed25519PublicKey::make(text));
        CHECK(Ed25519PublicKey::make(text).error().code == ErrorCode::invalid);
        CHECK(ed25519_sign(Secret{text}, "m").error().code == ErrorCode::invalid);
        CHECK(ed25519_public_key(Secret{text}).error().code == ErrorCode::invalid);
    }
}
