#include "crypto/base64.hpp"

#include <array>
#include <cstdint>

namespace tollgate::crypto {

namespace {

// OpenSSL's decoder skips white space, ignores trailing bits and knows no URL-safe alphabet, so this is our
// own.
constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::int8_t no_digit = -1;
using DigitValues = std::array<std::int8_t, 256>;

constexpr DigitValues values_of(std::string_view alphabet) {
    DigitValues values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

constexpr DigitValues standard_values = values_of(standard);
constexpr DigitValues url_safe_values = values_of(url_safe);

std::string encode(std::string_view bytes, std::string_view alphabet, bool pad) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t pending = 0;
    unsigned pending_bits = 0;
    for (const char c : bytes) {
        pending = (pending << 8U) | static_cast<unsigned char>(c);
        pending_bits += 8;
        while (pending_bits >= 6) {
            pending_bits -= 6;
            text.push_back(alphabet[(pending >> pending_bits) & 0x3FU]);
        }
    }
    if (pending_bits > 0) text.push_back(alphabet[(pending << (6 - pending_bits)) & 0x3FU]);
    while (pad && text.size() % 4 != 0) text.push_back('=');
    return text;
}

Result<std::string> decode(std::string_view text, const DigitValues& values, Padding padding) {
    std::string_view digits = text;
    while (digits.ends_with('=') && text.size() - digits.size() < 2) digits.remove_suffix(1);
    const std::size_t padded = text.size() - digits.size();
    const std::size_t wanted = (4 - digits.size() % 4) % 4;
    // Three characters of padding are never right: that last digit would hold six bits of a byte.
    if (wanted == 3)
        return fail(ErrorCode::invalid, "not base64: {} digits encode no whole byte", digits.size());
    const bool right = padding == Padding::required    ? padded == wanted
                       : padding == Padding::forbidden ? padded == 0
                                                       : padded == wanted || padded == 0;
    if (!right) {
        return fail(ErrorCode::invalid, "not base64: {} characters of padding instead of {}", padded,
                    padding == Padding::forbidden ? 0 : wanted);
    }
    std::string bytes;
    bytes.reserve(digits.size() * 3 / 4);
    std::uint32_t pending = 0;
    unsigned pending_bits = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::int8_t value = values[static_cast<unsigned char>(digits[i])];
        if (value == no_digit) {
            return fail(ErrorCode::invalid, "not base64: character {} is no digit of it", i + 1);
        }
        pending = (pending << 6U) | static_cast<std::uint32_t>(value);
        pending_bits += 6;
        if (pending_bits >= 8) {
            pending_bits -= 8;
            bytes.push_back(static_cast<char>(pending >> pending_bits));
        }
    }
    if ((pending & ((1U << pending_bits) - 1U)) != 0) {
        return fail(ErrorCode::invalid, "not base64: the last digit has bits that belong to no byte");
    }
    return bytes;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    return encode(bytes, standard, true);
}

std::string base64url_encode(std::string_view bytes) {
    return encode(bytes, url_safe, false);
}

Result<std::string> base64_decode(std::string_view text, Padding padding) {
    return decode(text, standard_values, padding);
}

Result<std::string> base64url_decode(std::string_view text, Padding padding) {
    return decode(text, url_safe_values, padding);
}

}  // namespace tollgate::crypto
