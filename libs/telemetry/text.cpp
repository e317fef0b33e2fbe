#include "telemetry/text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include <fmt/format.h>

namespace tollgate::telemetry {

namespace {

struct Character {
    std::uint32_t code;
    std::size_t length;  // in bytes; 0 if no well-formed character begins here
};

constexpr Character malformed{.code = 0, .length = 0};

Character character_at(std::string_view text, std::size_t at) {
    const auto lead = static_cast<std::uint8_t>(text[at]);
    if (lead < 0x80) return {.code = lead, .length = 1};
    const auto length = static_cast<std::size_t>(std::countl_one(lead));
    if (length < 2 || length > 4 || at + length > text.size()) return malformed;
    std::uint32_t code = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<std::uint8_t>(text[at + i]);
        if ((byte & 0xC0U) != 0x80U) return malformed;
        code = (code << 6U) | (byte & 0x3FU);
    }
    // A shorter form would have done: decoders refuse it, for it can smuggle a '/' or a '"' past a check.
    constexpr std::array<std::uint32_t, 5> least_of_length{0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < least_of_length.at(length) || surrogate || code > 0x10FFFF) return malformed;
    return {.code = code, .length = length};
}

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

constexpr auto moves_the_reader = std::to_array<Range>({
    {.first = 0x0000, .last = 0x001F},
    {.first = 0x007F, .last = 0x009F},  // with U+009B, which begins a terminal's commands as ESC [ does
    {.first = 0x061C, .last = 0x061C},  // Arabic letter mark
    {.first = 0x200E, .last = 0x200F},  // left-to-right and right-to-left mark
    {.first = 0x2028, .last = 0x202E},  // line and paragraph separator, embeddings and overrides
    {.first = 0x2066, .last = 0x2069},  // isolates
});

bool is_printable(std::uint32_t code) {
    return std::ranges::none_of(moves_the_reader,
                                [&](Range range) { return code >= range.first && code <= range.last; });
}

std::string shown(std::uint32_t code) {
    return code < 0x80 ? fmt::format("\\x{:02x}", code) : fmt::format("\\u{:04x}", code);
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = character_at(text, at).length;
        out.append(length > 0 ? text.substr(at, length) : "\xEF\xBF\xBD");
        at += std::max<std::size_t>(length, 1);
    }
    return out;
}

std::string printable(std::string_view text) {
    const std::string valid = valid_utf8(text);
    std::string out;
    out.reserve(valid.size());
    std::size_t at = 0;
    while (at < valid.size()) {
        const auto [code, length] = character_at(valid, at);
        out.append(is_printable(code) ? valid.substr(at, length) : shown(code));
        at += length;
    }
    return out;
}

}  // namespace tollgate::telemetry
