// Base64 and its URL-safe alphabet (RFC 4648), strictly: each sequence of bytes has one text, and no other
// text decodes to it.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::crypto {

std::string base64_encode(std::string_view bytes);     // with padding
std::string base64url_encode(std::string_view bytes);  // without, as in JWT and WebAuthn

// `optional` is for secrets that people paste: all of the padding or none of it.
enum class Padding { required, forbidden, optional };

// Neither white space nor line feeds are skipped. The error says what is wrong where, and never repeats the
// text: it may be a secret.
Result<std::string> base64_decode(std::string_view text, Padding padding = Padding::required);
Result<std::string> base64url_decode(std::string_view text, Padding padding = Padding::forbidden);

}  // namespace tollgate::crypto
