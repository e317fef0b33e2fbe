// Public keys. Ed25519 (RFC 8032): who verifies holds no secret.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"

struct evp_pkey_st;

namespace tollgate::crypto {

constexpr std::size_t ed25519_key_bytes = 32;
constexpr std::size_t ed25519_signature_bytes = 64;

// Only read after it is made: cheap to copy, and safe to verify with from any thread.
class Ed25519PublicKey {
public:
    // `invalid` unless it is 32 bytes.
    static Result<Ed25519PublicKey> make(std::string_view bytes);

    // False for what is no signature of it, whatever its length.
    bool verifies(std::string_view message, std::string_view signature) const;

private:
    explicit Ed25519PublicKey(std::shared_ptr<evp_pkey_st> key) : key_{std::move(key)} {}

    std::shared_ptr<evp_pkey_st> key_;
};

// With the 32 bytes that the private key is made from.
Result<std::string> ed25519_sign(const Secret& seed, std::string_view message);
Result<std::string> ed25519_public_key(const Secret& seed);

}  // namespace tollgate::crypto
