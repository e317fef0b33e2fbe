// What a reader takes for one character: a letter with its accents, a flag, a family emoji. Cutting between
// clusters never leaves half of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tollgate::delivery {

struct CodePoint {
    char32_t value = 0;
    std::string_view bytes;  // a byte that begins no well-formed character stands alone, as U+FFFD
};

// The first of a text that is not empty.
CodePoint first_code_point(std::string_view text);

// The first cluster of a text that is not empty. An approximation of Unicode's rules that errs towards
// keeping together, up to a length that no honest character has.
std::string_view first_cluster(std::string_view text);

// How many columns of a terminal it takes: 0, 1 or 2 per cluster.
std::size_t columns(std::string_view text);

// UTF-16 units, the largest of the ways in which a limit "in characters" can be counted.
std::size_t utf16_units(std::string_view text);

bool is_right_to_left(char32_t code);
bool extends_cluster(char32_t code);  // accents, variation selectors, skin tones

}  // namespace tollgate::delivery
