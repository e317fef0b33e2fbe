#include "crypto/hmac.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/evp.h>

namespace tollgate::crypto {

namespace {

struct FreeContext {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

std::string openssl_name(HmacHash hash) {
    switch (hash) {
        case HmacHash::sha1:
            return "SHA1";
        case HmacHash::sha256:
            return "SHA256";
        case HmacHash::sha512:
            return "SHA512";
    }
    std::unreachable();
}

// Never freed, because OpenSSL's own clean-up at exit may come first.
EVP_MAC* algorithm() {
    static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    if (mac == nullptr) throw std::runtime_error{"OpenSSL does not offer HMAC"};
    return mac;
}

}  // namespace

Result<HmacKey> HmacKey::make(HmacHash hash, const Secret& key) {
    if (key.empty()) {
        return fail(ErrorCode::misconfigured, "the secret is empty: its signature would prove nothing");
    }
    std::string name = openssl_name(hash);
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_construct_end()};
    Context context{EVP_MAC_CTX_new(algorithm())};
    const std::string& bytes = key.reveal();
    if (!context || EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                                 bytes.size(), parameters.data()) != 1) {
        throw std::runtime_error{"OpenSSL could not prepare HMAC with " + name};
    }
    return HmacKey{std::move(context)};
}

std::string HmacKey::sign(std::span<const std::string_view> parts) const {
    const Context context{EVP_MAC_CTX_dup(prepared_.get())};
    bool good = context != nullptr;
    for (const std::string_view part : parts) {
        good = good && EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()),
                                      part.size()) == 1;
    }
    std::array<char, EVP_MAX_MD_SIZE> mac{};
    std::size_t length = 0;
    good = good && EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(mac.data()), &length,
                                 mac.size()) == 1;
    if (!good) throw std::runtime_error{"OpenSSL could not compute an HMAC"};
    return std::string{mac.data(), length};
}

Result<std::string> hmac(HmacHash hash, const Secret& key, std::string_view message) {
    const auto prepared = HmacKey::make(hash, key);
    if (!prepared) return std::unexpected{prepared.error()};
    return prepared->sign(message);
}

}  // namespace tollgate::crypto
