// Hashes of bytes without a key. The results are raw bytes.
#pragma once

#include <string>
#include <string_view>

namespace tollgate::crypto {

std::string sha256(std::string_view bytes);
std::string sha512(std::string_view bytes);

// Broken as proofs of integrity. They are here for providers that sign with nothing better.
std::string sha1(std::string_view bytes);
std::string md5(std::string_view bytes);

}  // namespace tollgate::crypto
