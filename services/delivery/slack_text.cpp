#include "delivery/slack_text.hpp"

#include <algorithm>

#include "delivery/clusters.hpp"
#include "delivery/readable.hpp"

namespace tollgate::delivery {

namespace {

// Takes no room, and ends a word for Slack's parser.
constexpr std::string_view zero_width_space = "\u200b";

std::string_view entity_of(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        default:
            return {};
    }
}

std::string with_entities(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size() + 16);
    for (const char c : text) {
        const std::string_view entity = entity_of(c);
        if (entity.empty()) {
            escaped += c;
        } else {
            escaped += entity;
        }
    }
    return escaped;
}

// Bytes beyond ASCII are taken for letters: a mark between two of them formats nothing either.
bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_formatting(char c) {
    return c == '*' || c == '_' || c == '~' || c == '`';
}

// Within a word a mark is only a character: "gift_card_v2" stays as it can be copied.
bool needs_disarming(std::string_view text, std::size_t at) {
    const char c = text[at];
    const bool word_before = at > 0 && is_word(text[at - 1]);
    const bool word_after = at + 1 < text.size() && is_word(text[at + 1]);
    if (c == '`') return true;
    if (is_formatting(c)) return !word_before || !word_after;
    // A name to be mentioned or a channel to be linked; not "ada@acme.com", not "#1042".
    const bool digit_after = at + 1 < text.size() && text[at + 1] >= '0' && text[at + 1] <= '9';
    if (c == '@' || c == '#') return !word_before && !digit_after;
    // A quotation begins with the line, which is where a value stands.
    return c == '>' && at == 0;
}

std::string disarmed(std::string_view text) {
    std::string safe;
    safe.reserve(text.size() + 16);
    for (std::size_t at = 0; at < text.size(); ++at) {
        // A bare address would be made a link by whoever shows it.
        if (text.substr(at).starts_with("://")) {
            safe += ':';
            safe += zero_width_space;
            continue;
        }
        const bool disarm = needs_disarming(text, at);
        if (disarm) safe += zero_width_space;
        const std::string_view entity = entity_of(text[at]);
        if (entity.empty()) {
            safe += text[at];
        } else {
            safe += entity;
        }
        if (disarm) safe += zero_width_space;
    }
    return safe;
}

// The text grows when it is escaped, by how much depends on what stands in it: the longest that fits.
template <typename Escape>
std::string escaped_within(std::string_view text, std::size_t units_max, Escape escape) {
    std::string longest = escape(text);
    if (utf16_units(longest) <= units_max) return longest;
    longest.clear();
    std::size_t fits = 0;
    std::size_t too_much = std::min(units_max, utf16_units(text)) + 1;
    while (fits + 1 < too_much) {
        const std::size_t room = fits + (too_much - fits) / 2;
        std::string escaped = escape(shortened(text, room));
        if (utf16_units(escaped) <= units_max) {
            fits = room;
            longest = std::move(escaped);
        } else {
            too_much = room;
        }
    }
    return longest;
}

// The words after the bar are for clients that do not know how to write the moment.
std::string date_markup(const Piece& piece) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(*piece.moment).time_since_epoch().count();
    return fmt::format("<!date^{}^{{date_short_pretty}} at {{time}}|{}>", seconds,
                       with_entities(piece.words));
}

}  // namespace

std::string slack_plain(std::string_view text, std::size_t units_max) {
    return escaped_within(text, units_max, with_entities);
}

std::string slack_markup(std::string_view text, std::size_t units_max) {
    return escaped_within(text, units_max, disarmed);
}

std::string slack_markup(const Text& text, std::size_t units_max) {
    std::string markup;
    for (const Piece& piece : text.pieces)
        markup += piece.moment ? date_markup(piece) : disarmed(piece.words);
    // Rather no date of Slack's own than half of one.
    return utf16_units(markup) <= units_max ? markup : slack_markup(text.words(), units_max);
}

}  // namespace tollgate::delivery
