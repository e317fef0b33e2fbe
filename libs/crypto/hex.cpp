#include "crypto/hex.hpp"

namespace tollgate::crypto {

namespace {

int digit_value(char c, HexCase letters) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (letters == HexCase::any && c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string hex_encode(std::string_view bytes) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text.push_back(digits[byte >> 4U]);
        text.push_back(digits[byte & 0x0FU]);
    }
    return text;
}

Result<std::string> hex_decode(std::string_view text, HexCase letters) {
    if (text.size() % 2 != 0) {
        return fail(ErrorCode::invalid, "not hexadecimal: {} characters, which is not an even number",
                    text.size());
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit_value(text[i], letters);
        const int low = digit_value(text[i + 1], letters);
        if (high < 0 || low < 0) {
            return fail(ErrorCode::invalid, "not {}hexadecimal: character {} is no digit of it",
                        letters == HexCase::lower ? "lower-case " : "", (high < 0 ? i : i + 1) + 1);
        }
        bytes.push_back(static_cast<char>(high * 16 + low));
    }
    return bytes;
}

}  // namespace tollgate::crypto
