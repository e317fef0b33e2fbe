#include "crypto/hmac.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "crypto/hex.hpp"

using tollgate::ErrorCode;
using tollgate::Secret;
using tollgate::crypto::hex_encode;
using tollgate::crypto::hmac;
using tollgate::crypto::HmacHash;
using tollgate::crypto::HmacKey;

namespace {

struct Vector {
    std::string key;
    std::string message;
    std::string_view sha1;
    std::string_view sha256;
    std::string_view sha512;
};

// RFC 2202 for SHA-1 (which has another long key than RFC 4231, so those stand alone), RFC 4231 for the
// others.
const std::vector<Vector> vectors{
    {std::string(20, '\x0b'), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {"Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'), "125d7342b9ac11cd91a39af48aa17b4f63f175d3",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
     "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
     "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
    {std::string(80, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "aa4ae5e15272d00e95705637ce8a3b55ed402112", "", ""},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First", "",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

void check(HmacHash hash, const Vector& vector, std::string_view expected) {
    if (expected.empty()) return;
    const auto mac = hmac(hash, Secret{vector.key}, vector.message);
    REQUIRE(mac);
    CHECK(hex_encode(*mac) == expected);
}

}  // namespace

TEST_CASE("the vectors of RFC 2202 and RFC 4231 come out") {
    for (const Vector& vector : vectors) {
        check(HmacHash::sha1, vector, vector.sha1);
        check(HmacHash::sha256, vector, vector.sha256);
        check(HmacHash::sha512, vector, vector.sha512);
    }
}

TEST_CASE("an empty key is refused for every hash") {
    for (const HmacHash hash : {HmacHash::sha1, HmacHash::sha256, HmacHash::sha512}) {
        const auto key = HmacKey::make(hash, Secret{});
        REQUIRE_FALSE(key);
        CHECK(key.error().code == ErrorCode::misconfigured);
        CHECK_FALSE(hmac(hash, Secret{}, "message"));
    }
}

TEST_CASE("a prepared key signs again and again with the same result") {
    const auto key = HmacKey::make(HmacHash::sha256, Secret{"Jefe"});
    REQUIRE(key);
    const std::string first = key->sign("what do ya want for nothing?");
    CHECK(key->sign("something else") != first);
    CHECK(key->sign("what do ya want for nothing?") == first);
    for (const HmacKey& copy : std::vector(2, *key))
        CHECK(copy.sign("what do ya want for nothing?") == first);
}

TEST_CASE("parts are signed as if they were put together first") {
    const auto key = HmacKey::make(HmacHash::sha256, Secret{"whsec_test"});
    REQUIRE(key);
    CHECK(key->sign({"1492774577", ".", "{\"id\":\"evt_1\"}"}) == key->sign("1492774577.{\"id\":\"evt_1\"}"));
    CHECK(key->sign({"", "a", ""}) == key->sign("a"));
    const std::vector<std::string_view> parts{"1492774577", ".", "{}"};
    CHECK(key->sign(parts) == key->sign("1492774577.{}"));
}

TEST_CASE("threads sign with one prepared key at the same time") {
    const auto key = HmacKey::make(HmacHash::sha256, Secret{"shared"});
    REQUIRE(key);
    const std::string expected = key->sign("message");
    std::array<int, 4> wrong{};
    {
        std::vector<std::jthread> threads;
        for (int& count : wrong) {
            threads.emplace_back([&key, &expected, &count] {
                for (int i = 0; i < 500; ++i) count += key->sign("message") == expected ? 0 : 1;
            });
        }
    }
    CHECK(wrong == std::array<int, 4>{});
}
