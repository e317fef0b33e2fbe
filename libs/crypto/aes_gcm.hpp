// AES-256-GCM, bare: the caller answers for a nonce never being used twice with one key. Secrets are sealed
// with a Keyring, which does that.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/secret.hpp"

namespace tollgate::crypto {

constexpr std::size_t gcm_key_bytes = 32;
constexpr std::size_t gcm_nonce_bytes = 12;
constexpr std::size_t gcm_tag_bytes = 16;

// The ciphertext, which is as long as the plain text, and the tag behind it. Throws std::length_error from 2
// GiB, which is what OpenSSL takes at a time.
std::string gcm_encrypt(const Secret& key, std::string_view nonce, std::string_view associated,
                        const Secret& plain);

// Nothing if the tag does not fit: of all that was passed in, something is not what it was.
std::optional<Secret> gcm_decrypt(const Secret& key, std::string_view nonce, std::string_view associated,
                                  std::string_view ciphertext_and_tag);

}  // namespace tollgate::crypto
