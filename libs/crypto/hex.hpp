// Bytes as hexadecimal digits.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::crypto {

std::string hex_encode(std::string_view bytes);  // lower case

// A provider whose own libraries compare signatures as text sends lower case only.
enum class HexCase { lower, any };

// The error says what is wrong where, and never repeats the text: it may be a secret.
Result<std::string> hex_decode(std::string_view text, HexCase letters = HexCase::any);

}  // namespace tollgate::crypto
