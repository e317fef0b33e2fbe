#include "http/percent.hpp"

#include <algorithm>

namespace tollgate::http {

namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The byte that the escape at `position` stands for; nothing if there is no escape.
std::optional<char> escape_at(std::string_view text, std::size_t position) {
    if (text[position] != '%' || position + 2 >= text.size()) return std::nullopt;
    const int high = hex_value(text[position + 1]);
    const int low = hex_value(text[position + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    return static_cast<char>(high * 16 + low);
}

std::string form_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = escape_at(text, i);
        decoded.push_back(byte ? *byte : text[i] == '+' ? ' ' : text[i]);
        if (byte) i += 2;
    }
    return decoded;
}

}  // namespace

Result<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded.push_back(text[i]);
            continue;
        }
        const auto byte = escape_at(text, i);
        if (!byte) return fail(ErrorCode::invalid, "a \"%\" that two hexadecimal digits do not follow");
        if (*byte == '\0') return fail(ErrorCode::invalid, "%00 is not allowed");
        decoded.push_back(*byte);
        i += 2;
    }
    return decoded;
}

std::optional<std::string> form_value(std::string_view encoded, std::string_view name) {
    while (!encoded.empty()) {
        const std::string_view pair = encoded.substr(0, encoded.find('&'));
        encoded.remove_prefix(std::min(pair.size() + 1, encoded.size()));
        const std::size_t equals = pair.find('=');
        if (form_decode(pair.substr(0, equals)) != name) continue;
        return equals == std::string_view::npos ? std::string{} : form_decode(pair.substr(equals + 1));
    }
    return std::nullopt;
}

}  // namespace tollgate::http
