#include "crypto/public_key.hpp"

#include <stdexcept>
#include <utility>

#include <openssl/evp.h>

namespace tollgate::crypto {

namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Context make_context() {
    Context context{EVP_MD_CTX_new()};
    if (!context) throw std::runtime_error{"OpenSSL has no memory for a signature"};
    return context;
}

Result<Key> private_key(const Secret& seed) {
    const std::string& bytes = seed.reveal();
    if (bytes.size() != ed25519_key_bytes) {
        return fail(ErrorCode::invalid, "a private key of Ed25519 has {} bytes, this has {}",
                    ed25519_key_bytes, bytes.size());
    }
    Key key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size())};
    if (!key) throw std::runtime_error{"OpenSSL does not offer Ed25519"};
    return key;
}

}  // namespace

Result<Ed25519PublicKey> Ed25519PublicKey::make(std::string_view bytes) {
    if (bytes.size() != ed25519_key_bytes) {
        return fail(ErrorCode::invalid, "a public key of Ed25519 has {} bytes, this has {}",
                    ed25519_key_bytes, bytes.size());
    }
    Key key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(bytes), bytes.size())};
    if (!key) throw std::runtime_error{"OpenSSL does not offer Ed25519"};
    return Ed25519PublicKey{std::shared_ptr<EVP_PKEY>{std::move(key)}};
}

bool Ed25519PublicKey::verifies(std::string_view message, std::string_view signature) const {
    const Context context = make_context();
    return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                            message.size()) == 1;
}

Result<std::string> ed25519_sign(const Secret& seed, std::string_view message) {
    const auto key = private_key(seed);
    if (!key) return std::unexpected{key.error()};
    const Context context = make_context();
    std::string signature(ed25519_signature_bytes, '\0');
    std::size_t length = signature.size();
    if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key->get()) != 1 ||
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                       bytes_of(message), message.size()) != 1) {
        throw std::runtime_error{"OpenSSL could not sign with Ed25519"};
    }
    return signature;
}

Result<std::string> ed25519_public_key(const Secret& seed) {
    const auto key = private_key(seed);
    if (!key) return std::unexpected{key.error()};
    std::string bytes(ed25519_key_bytes, '\0');
    std::size_t length = bytes.size();
    if (EVP_PKEY_get_raw_public_key(key->get(), reinterpret_cast<unsigned char*>(bytes.data()), &length) !=
        1) {
        throw std::runtime_error{"OpenSSL could not derive a public key"};
    }
    return bytes;
}

}  // namespace tollgate::crypto
