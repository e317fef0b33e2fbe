#include "crypto/aes_gcm.hpp"

#include <catch2/catch.hpp>

#include "crypto/hex.hpp"

using tollgate::Secret;
using namespace tollgate::crypto;

namespace {

struct Vector {
    std::string_view key;
    std::string_view nonce;
    std::string_view associated;
    std::string_view plain;
    std::string_view ciphertext;
    std::string_view tag;
};

// Test cases 13 to 16 of McGrew and Viega's submission to NIST: those with keys of 256 bits and nonces of 96.
constexpr std::array<Vector, 4> vectors{{
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "",
     "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
}};

std::string bytes(std::string_view hex) {
    return hex_decode(hex).value();
}

}  // namespace

TEST_CASE("the vectors of NIST's GCM submission go both ways") {
    for (const Vector& vector : vectors) {
        const Secret key{bytes(vector.key)};
        const std::string nonce = bytes(vector.nonce);
        const std::string associated = bytes(vector.associated);
        const std::string expected = bytes(vector.ciphertext) + bytes(vector.tag);
        CHECK(hex_encode(gcm_encrypt(key, nonce, associated, Secret{bytes(vector.plain)})) ==
              hex_encode(expected));
        const auto plain = gcm_decrypt(key, nonce, associated, expected);
        REQUIRE(plain);
        CHECK(hex_encode(plain->reveal()) == vector.plain);
    }
}

TEST_CASE("one bit changed anywhere gives no plain text") {
    const Vector& vector = vectors[3];
    const Secret key{bytes(vector.key)};
    const std::string nonce = bytes(vector.nonce);
    const std::string good = bytes(vector.ciphertext) + bytes(vector.tag);
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        CHECK_FALSE(gcm_decrypt(key, nonce, bytes(vector.associated), bad));
    }
    CHECK_FALSE(gcm_decrypt(key, nonce, "other", good));
    CHECK_FALSE(gcm_decrypt(key, nonce, bytes(vector.associated), good.substr(0, 15)));
}
