#include "crypto/sha256_signature.hpp"

#include <stdexcept>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace tollgate::crypto {

namespace {

struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeInfo {
    void operator()(PKCS8_PRIV_KEY_INFO* info) const { PKCS8_PRIV_KEY_INFO_free(info); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using Info = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeInfo>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Context make_context() {
    Context context{EVP_MD_CTX_new()};
    if (!context) throw std::runtime_error{"OpenSSL has no memory for a signature"};
    return context;
}

bool is_p256(EVP_PKEY* key) {
    std::string group(64, '\0');
    std::size_t length = 0;
    return EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
           std::string_view{group}.substr(0, length) == "prime256v1";
}

// What an encoder of OpenSSL writes.
template <typename Value>
std::string encoded(int (*encode)(const Value*, unsigned char**), const Value* value) {
    const int length = encode(value, nullptr);
    if (length <= 0) throw std::runtime_error{"OpenSSL could not write a key"};
    std::string bytes(static_cast<std::size_t>(length), '\0');
    auto* end = reinterpret_cast<unsigned char*>(bytes.data());
    encode(value, &end);
    return bytes;
}

}  // namespace

Result<PublicKey> PublicKey::from(std::shared_ptr<evp_pkey_st> key) {
    const int kind = key ? EVP_PKEY_get_base_id(key.get()) : EVP_PKEY_NONE;
    if (kind == EVP_PKEY_RSA) {
        if (EVP_PKEY_get_bits(key.get()) < rsa_bits_min)
            return fail(ErrorCode::invalid, "a key of RSA has {} bits, at least {} are taken",
                        EVP_PKEY_get_bits(key.get()), rsa_bits_min);
        return PublicKey{std::move(key)};
    }
    if (kind == EVP_PKEY_EC && is_p256(key.get())) return PublicKey{std::move(key)};
    return fail(ErrorCode::invalid, "it is no public key of RSA or of the curve P-256");
}

Result<PublicKey> PublicKey::from_der(std::string_view bytes) {
    const unsigned char* at = bytes_of(bytes);
    Key key{d2i_PUBKEY(nullptr, &at, static_cast<long>(bytes.size()))};
    ERR_clear_error();
    if (!key || at != bytes_of(bytes) + bytes.size())
        return fail(ErrorCode::invalid, "it is no public key in DER");
    return from(std::shared_ptr<EVP_PKEY>{std::move(key)});
}

bool PublicKey::verifies(std::initializer_list<std::string_view> parts, std::string_view signature) const {
    const Context context = make_context();
    bool good = EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1;
    for (const std::string_view part : parts)
        good = good && EVP_DigestVerifyUpdate(context.get(), part.data(), part.size()) == 1;
    good = good && EVP_DigestVerifyFinal(context.get(), bytes_of(signature), signature.size()) == 1;
    // What is no signature at all leaves its reasons in the thread's queue.
    ERR_clear_error();
    return good;
}

PrivateKey PrivateKey::make() {
    Key key{EVP_EC_gen("P-256")};
    if (!key) throw std::runtime_error{"OpenSSL could not make a key"};
    return PrivateKey{std::shared_ptr<EVP_PKEY>{std::move(key)}};
}

Result<PrivateKey> PrivateKey::from_der(const Secret& bytes) {
    const std::string& text = bytes.reveal();
    const unsigned char* at = bytes_of(text);
    const Info info{d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(text.size()))};
    Key key{info ? EVP_PKCS82PKEY(info.get()) : nullptr};
    ERR_clear_error();
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_EC || !is_p256(key.get()))
        return fail(ErrorCode::invalid, "it is no private key of the curve P-256");
    return PrivateKey{std::shared_ptr<EVP_PKEY>{std::move(key)}};
}

Secret PrivateKey::der() const {
    const Info info{EVP_PKEY2PKCS8(key_.get())};
    if (!info) throw std::runtime_error{"OpenSSL could not write a key"};
    return Secret{encoded(i2d_PKCS8_PRIV_KEY_INFO, std::as_const(info).get())};
}

std::string PrivateKey::public_der() const {
    return encoded(i2d_PUBKEY, std::as_const(key_).get());
}

PublicKey PrivateKey::public_key() const {
    return PublicKey::from_der(public_der()).value();
}

std::string PrivateKey::sign(std::initializer_list<std::string_view> parts) const {
    const Context context = make_context();
    bool good = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1;
    for (const std::string_view part : parts)
        good = good && EVP_DigestSignUpdate(context.get(), part.data(), part.size()) == 1;
    auto length = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
    std::string signature(length, '\0');
    good = good && EVP_DigestSignFinal(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                       &length) == 1;
    if (!good) throw std::runtime_error{"OpenSSL could not sign"};
    signature.resize(length);
    return signature;
}

}  // namespace tollgate::crypto
