#include "crypto/digest.hpp"

#include <catch2/catch.hpp>

#include "crypto/constant_time.hpp"
#include "crypto/hex.hpp"
#include "crypto/random.hpp"

using namespace tollgate::crypto;

TEST_CASE("digests of abc are those of FIPS 180 and RFC 1321") {
    CHECK(hex_encode(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex_encode(sha512("abc")) ==
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    CHECK(hex_encode(sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(hex_encode(md5("abc")) == "900150983cd24fb0d6963f7d28e17f72");
}

TEST_CASE("the digest of nothing is a digest") {
    CHECK(hex_encode(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("proofs are equal only when every byte and the length are") {
    CHECK(constant_time_equal("", ""));
    CHECK(constant_time_equal("abc", "abc"));
    CHECK_FALSE(constant_time_equal("abc", "abd"));
    CHECK_FALSE(constant_time_equal("xbc", "abc"));
    CHECK_FALSE(constant_time_equal("abc", "ab"));
    CHECK_FALSE(constant_time_equal("", "a"));
    CHECK_FALSE(constant_time_equal(std::string_view{"a\0b", 3}, std::string_view{"a\0c", 3}));
}

TEST_CASE("random bytes have the length asked for and are not those of the last call") {
    CHECK(random_bytes(0).empty());
    const std::string first = random_bytes(32);
    CHECK(first.size() == 32);
    CHECK(first != random_bytes(32));
}
