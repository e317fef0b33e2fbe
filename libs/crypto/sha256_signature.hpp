// Signatures with a public key over SHA-256: ECDSA on the curve P-256 (DER), and RSA (PKCS#1 v1.5).
#pragma once

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/secret.hpp"

struct evp_pkey_st;

namespace tollgate::crypto {

// A shorter one of RSA can be broken.
constexpr int rsa_bits_min = 2048;

// Only read after it is made: cheap to copy, and safe to verify with from any thread.
class PublicKey {
public:
    // DER, a SubjectPublicKeyInfo. `invalid` for what is none, and for other kinds of keys.
    static Result<PublicKey> from_der(std::string_view bytes);
    static Result<PublicKey> from(std::shared_ptr<evp_pkey_st> key);

    // Over the parts one after the other. False for what is no signature of it, whatever it is.
    bool verifies(std::initializer_list<std::string_view> parts, std::string_view signature) const;

private:
    explicit PublicKey(std::shared_ptr<evp_pkey_st> key) : key_{std::move(key)} {}

    std::shared_ptr<evp_pkey_st> key_;
};

// PKCS#8 in DER, of P-256.
class PrivateKey {
public:
    static PrivateKey make();
    static Result<PrivateKey> from_der(const Secret& bytes);

    Secret der() const;
    PublicKey public_key() const;
    std::string public_der() const;
    std::string sign(std::initializer_list<std::string_view> parts) const;

private:
    explicit PrivateKey(std::shared_ptr<evp_pkey_st> key) : key_{std::move(key)} {}

    std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace tollgate::crypto
