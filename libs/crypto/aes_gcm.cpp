#include "crypto/aes_gcm.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

namespace tollgate::crypto {

namespace {

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

[[noreturn]] void give_up() {
    throw std::runtime_error{"OpenSSL could not run AES-256-GCM"};
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

int int_size(std::string_view text) {
    if (text.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
        throw std::length_error{"too long for AES-256-GCM in one call of OpenSSL"};
    }
    return static_cast<int>(text.size());
}

// Never freed, because OpenSSL's own clean-up at exit may come first.
const EVP_CIPHER* algorithm() {
    static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    if (cipher == nullptr) throw std::runtime_error{"OpenSSL does not offer AES-256-GCM"};
    return cipher;
}

enum class Direction { decrypt = 0, encrypt = 1 };

// A context with key and nonce set and the associated data taken in; its default nonce is 96 bits long.
Context begin(Direction direction, const Secret& key, std::string_view nonce, std::string_view associated) {
    if (key.reveal().size() != gcm_key_bytes || nonce.size() != gcm_nonce_bytes) {
        throw std::invalid_argument{"AES-256-GCM takes a key of 32 bytes and a nonce of 12"};
    }
    Context context{EVP_CIPHER_CTX_new()};
    int length = 0;
    if (!context ||
        EVP_CipherInit_ex2(context.get(), algorithm(), bytes_of(key.reveal()), bytes_of(nonce),
                           static_cast<int>(direction), nullptr) != 1 ||
        EVP_CipherUpdate(context.get(), nullptr, &length, bytes_of(associated), int_size(associated)) != 1) {
        give_up();
    }
    return context;
}

}  // namespace

std::string gcm_encrypt(const Secret& key, std::string_view nonce, std::string_view associated,
                        const Secret& plain) {
    const Context context = begin(Direction::encrypt, key, nonce, associated);
    std::string out(plain.reveal().size() + gcm_tag_bytes, '\0');
    int length = 0;
    int rest = 0;
    if (EVP_CipherUpdate(context.get(), bytes_of(out), &length, bytes_of(plain.reveal()),
                         int_size(plain.reveal())) != 1 ||
        EVP_CipherFinal_ex(context.get(), bytes_of(out) + length, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(gcm_tag_bytes),
                            bytes_of(out) + plain.reveal().size()) != 1) {
        give_up();
    }
    return out;
}

std::optional<Secret> gcm_decrypt(const Secret& key, std::string_view nonce, std::string_view associated,
                                  std::string_view ciphertext_and_tag) {
    if (ciphertext_and_tag.size() < gcm_tag_bytes) return std::nullopt;
    const std::string_view ciphertext =
        ciphertext_and_tag.substr(0, ciphertext_and_tag.size() - gcm_tag_bytes);
    std::array<char, gcm_tag_bytes> tag{};
    std::ranges::copy(ciphertext_and_tag.substr(ciphertext.size()), tag.begin());

    const Context context = begin(Direction::decrypt, key, nonce, associated);
    std::string out(ciphertext.size(), '\0');
    int length = 0;
    int rest = 0;
    if (EVP_CipherUpdate(context.get(), bytes_of(out), &length, bytes_of(ciphertext), int_size(ciphertext)) !=
            1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), tag.data()) !=
            1) {
        give_up();
    }
    // Wrapped before the tag is checked, so that a plain text that was not authentic is wiped too.
    Secret plain{std::move(out)};
    if (EVP_CipherFinal_ex(context.get(), nullptr, &rest) != 1) return std::nullopt;
    return plain;
}

}  // namespace tollgate::crypto
