#include "delivery/clusters.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

namespace tollgate::delivery {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

constexpr char32_t replacement = 0xFFFD;
constexpr char32_t zero_width_joiner = 0x200D;
constexpr char32_t emoji_style = 0xFE0F;
// The longest honest emoji (a couple kissing, each with a skin tone) has ten.
constexpr int code_points_max = 16;

constexpr auto extending = std::to_array<Range>({
    {0x0300, 0x036F},   {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x05BF, 0x05BF},   {0x05C1, 0x05C2},
    {0x05C4, 0x05C5},   {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670},   {0x06D6, 0x06DC},
    {0x06DF, 0x06E4},   {0x0711, 0x0711}, {0x0900, 0x0903}, {0x093A, 0x093C},   {0x093E, 0x094F},
    {0x0962, 0x0963},   {0x0981, 0x0983}, {0x09BC, 0x09CD}, {0x0A01, 0x0A03},   {0x0A3C, 0x0A4D},
    {0x0A81, 0x0A83},   {0x0ABC, 0x0ACD}, {0x0B01, 0x0B03}, {0x0B3C, 0x0B4D},   {0x0BBE, 0x0BCD},
    {0x0C00, 0x0C03},   {0x0C3E, 0x0C4D}, {0x0CBC, 0x0CCD}, {0x0D00, 0x0D03},   {0x0D3E, 0x0D4D},
    {0x0E31, 0x0E31},   {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x0EB1, 0x0EB1},   {0x0EB4, 0x0EBC},
    {0x0EC8, 0x0ECD},   {0x0F71, 0x0F84}, {0x102B, 0x103E}, {0x1160, 0x11FF},   {0x17B4, 0x17D3},
    {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF}, {0x200C, 0x200D}, {0x20D0, 0x20FF},   {0x302A, 0x302F},
    {0x3099, 0x309A},   {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0x1F3FB, 0x1F3FF}, {0xE0020, 0xE007F},
    {0xE0100, 0xE01EF},
});

constexpr auto wide = std::to_array<Range>({
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},   {0x23F3, 0x23F3},
    {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},   {0x2693, 0x2693},
    {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},   {0x26D4, 0x26D4},
    {0x26EA, 0x26EA},   {0x26F2, 0x26F5},   {0x26FA, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},
    {0x2728, 0x2728},   {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2757},   {0x2795, 0x2797},
    {0x27B0, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B55},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
    {0xA960, 0xA97F},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6},   {0x16FE0, 0x18AFF}, {0x1B000, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF},
    {0x1F18E, 0x1F19A}, {0x1F1E6, 0x1F202}, {0x1F210, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7F0},
    {0x1F90C, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
});

constexpr auto right_to_left = std::to_array<Range>({
    {0x0590, 0x08FF},
    {0xFB1D, 0xFDFF},
    {0xFE70, 0xFEFC},
    {0x10800, 0x10FFF},
    {0x1E800, 0x1EFFF},
});

constexpr auto invisible =
    std::to_array<Range>({{0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}});

bool in(std::span<const Range> ranges, char32_t code) {
    const auto at = std::ranges::lower_bound(ranges, code, {}, &Range::last);
    return at != ranges.end() && at->first <= code;
}

bool is_flag_letter(char32_t code) {
    return code >= 0x1F1E6 && code <= 0x1F1FF;
}

std::size_t columns_of(std::string_view cluster) {
    const CodePoint base = first_code_point(cluster);
    if (extends_cluster(base.value) || in(invisible, base.value) || base.value < 0x20) return 0;
    if (in(wide, base.value)) return 2;
    // A sign such as the warning triangle is drawn as an emoji, two columns wide, when it is asked to be.
    cluster.remove_prefix(base.bytes.size());
    return !cluster.empty() && first_code_point(cluster).value == emoji_style ? 2 : 1;
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
    const auto lead = static_cast<std::uint8_t>(text.front());
    if (lead < 0x80) return {.value = lead, .bytes = text.substr(0, 1)};
    const auto length = static_cast<std::size_t>(std::countl_one(lead));
    const CodePoint malformed{.value = replacement, .bytes = text.substr(0, 1)};
    if (length < 2 || length > 4 || length > text.size()) return malformed;
    char32_t code = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<std::uint8_t>(text[i]);
        if ((byte & 0xC0U) != 0x80U) return malformed;
        code = (code << 6U) | (byte & 0x3FU);
    }
    return {.value = code, .bytes = text.substr(0, length)};
}

std::string_view first_cluster(std::string_view text) {
    CodePoint last = first_code_point(text);
    std::size_t size = last.bytes.size();
    bool flag_half = is_flag_letter(last.value);
    for (int count = 1; size < text.size() && count < code_points_max; ++count) {
        const CodePoint next = first_code_point(text.substr(size));
        const bool second_flag_letter = flag_half && is_flag_letter(next.value);
        if (!extends_cluster(next.value) && last.value != zero_width_joiner && !second_flag_letter) break;
        flag_half = false;
        size += next.bytes.size();
        last = next;
    }
    return text.substr(0, size);
}

std::size_t columns(std::string_view text) {
    std::size_t total = 0;
    while (!text.empty()) {
        const std::string_view cluster = first_cluster(text);
        total += columns_of(cluster);
        text.remove_prefix(cluster.size());
    }
    return total;
}

std::size_t utf16_units(std::string_view text) {
    std::size_t total = 0;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        total += point.value > 0xFFFF ? 2 : 1;
        text.remove_prefix(point.bytes.size());
    }
    return total;
}

bool is_right_to_left(char32_t code) {
    return in(right_to_left, code);
}

bool extends_cluster(char32_t code) {
    return in(extending, code);
}

}  // namespace tollgate::delivery
