#include "delivery/template_text.hpp"

#include <algorithm>

namespace tollgate::delivery {

namespace {

// No brackets in it.
std::optional<Text> fill_flat(std::string_view text, const WordsOf& words_of) {
    Text filled;
    while (!text.empty()) {
        const auto open = std::min(text.find('{'), text.size());
        filled.append(Text{std::string{text.substr(0, open)}});
        if (open == text.size()) break;
        const auto close = text.find('}', open);
        const Text value = words_of(text.substr(open + 1, close - open - 1));
        if (value.empty()) return std::nullopt;
        filled.append(value);
        text.remove_prefix(close + 1);
    }
    return filled;
}

Text first_known(std::string_view alternatives, const WordsOf& words_of) {
    for (;;) {
        const auto bar = std::min(alternatives.find('|'), alternatives.size());
        if (auto filled = fill_flat(alternatives.substr(0, bar), words_of)) return *std::move(filled);
        if (bar == alternatives.size()) return {};
        alternatives.remove_prefix(bar + 1);
    }
}

}  // namespace

std::optional<Text> fill(std::string_view text, const WordsOf& words_of) {
    Text filled;
    while (!text.empty()) {
        const auto open = std::min(text.find('['), text.size());
        const auto outside = fill_flat(text.substr(0, open), words_of);
        if (!outside) return std::nullopt;
        filled.append(*outside);
        if (open == text.size()) break;
        const auto close = text.find(']', open);
        filled.append(first_known(text.substr(open + 1, close - open - 1), words_of));
        text.remove_prefix(close + 1);
    }
    // The space before a sentence that was left out.
    if (!filled.empty() && !filled.pieces.back().moment) {
        std::string& last = filled.pieces.back().words;
        while (last.ends_with(' ')) last.pop_back();
        if (last.empty()) filled.pieces.pop_back();
    }
    return filled;
}

}  // namespace tollgate::delivery
