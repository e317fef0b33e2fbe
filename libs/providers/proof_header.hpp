// The header that carries a proof, before anything is believed of it.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "crypto/hmac.hpp"
#include "providers/provider.hpp"

namespace tollgate::providers {

constexpr std::size_t proof_bytes_max = 4096;
// More signatures than this in one header come from nobody who signs with a few secrets.
constexpr std::size_t signatures_max = 16;

// Or why it is none.
template <typename T>
using Checked = std::expected<T, Refused>;

std::unexpected<Refused> refuse(Reason reason, std::string_view where, std::string_view what);

// Exactly one such header, not empty and not too long.
Checked<std::string_view> proof_header(const http::Headers& headers, std::string_view name,
                                       std::size_t bytes_max = proof_bytes_max);

enum class Encoding { hex, base64 };

std::size_t bytes_of(crypto::HmacHash hash);

// The bytes of a signature, of which each has one text: lower-case hexadecimal, or canonical base64.
Checked<std::string> decode_signature(std::string_view text, Encoding encoding, std::size_t bytes,
                                      std::string_view where);
std::string encode_signature(std::string_view bytes, Encoding encoding);

}  // namespace tollgate::providers
