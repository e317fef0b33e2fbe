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
    // What stands for itself is copied by the run: most of a form does.
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t end = std::min(text.find_first_of("%+", i), text.size());
        decoded.append(text, i, end - i);
        i = end;
        if (i == text.size()) break;
        const auto byte = escape_at(text, i);
        decoded.push_back(byte ? *byte : text[i] == '+' ? ' ' : text[i]);
        if (byte) i += 2;
    }
    return decoded;
}

struct Pair {
    std::string_view name;
    std::string_view value;
};

// "a=1" of "a=1&b=2", which is then "b=2". Without "=" the value is empty.
Pair take_pair(std::string_view& encoded) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(pair.size() + 1, encoded.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    return {pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size()))};
}

}  // namespace

Result<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char byte = text[i];
        if (byte == '%') {
            const auto escaped = escape_at(text, i);
            if (!escaped)
                return fail(ErrorCode::invalid, "a \"%\" that two hexadecimal digits do not follow");
            byte = *escaped;
            i += 2;
        }
        if (static_cast<unsigned char>(byte) < ' ' || byte == '\x7F')
            return fail(ErrorCode::invalid, "a control character, which nothing is called by");
        decoded.push_back(byte);
    }
    return decoded;
}

std::optional<std::string> form_value(std::string_view encoded, std::string_view name) {
    while (!encoded.empty()) {
        const Pair pair = take_pair(encoded);
        if (form_decode(pair.name) == name) return form_decode(pair.value);
    }
    return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> form_pairs(std::string_view encoded) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!encoded.empty()) {
        const Pair pair = take_pair(encoded);
        pairs.emplace_back(form_decode(pair.name), form_decode(pair.value));
    }
    return pairs;
}

}  // namespace tollgate::http
