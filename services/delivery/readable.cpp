#include "delivery/readable.hpp"

#include <algorithm>
#include <array>

#include "delivery/clusters.hpp"
#include "telemetry/text.hpp"

namespace tollgate::delivery {

namespace {

enum class Treatment { keep, space, drop };

struct Rule {
    char32_t first;
    char32_t last;
    Treatment treatment;
};

// What is blank or not to be seen. Not here: U+200C and U+200D, without which Persian, Indic and emoji break,
// and the tags of flags; they are looked at where they stand.
constexpr auto rules = std::to_array<Rule>({
    {0x0000, 0x0008, Treatment::drop},   {0x0009, 0x000D, Treatment::space},
    {0x000E, 0x001F, Treatment::drop},   {0x0020, 0x0020, Treatment::space},
    {0x007F, 0x0084, Treatment::drop},   {0x0085, 0x0085, Treatment::space},
    {0x0086, 0x009F, Treatment::drop},   {0x00A0, 0x00A0, Treatment::space},
    {0x00AD, 0x00AD, Treatment::drop},   {0x034F, 0x034F, Treatment::drop},
    {0x061C, 0x061C, Treatment::drop},   {0x115F, 0x1160, Treatment::space},
    {0x1680, 0x1680, Treatment::space},  {0x180E, 0x180E, Treatment::drop},
    {0x2000, 0x200A, Treatment::space},  {0x200B, 0x200B, Treatment::drop},
    {0x200E, 0x200F, Treatment::drop},   {0x2028, 0x2029, Treatment::space},
    {0x202A, 0x202E, Treatment::drop},   {0x202F, 0x202F, Treatment::space},
    {0x205F, 0x205F, Treatment::space},  {0x2060, 0x206F, Treatment::drop},
    {0x2800, 0x2800, Treatment::space},  {0x3000, 0x3000, Treatment::space},
    {0x3164, 0x3164, Treatment::space},  {0xFDD0, 0xFDEF, Treatment::drop},
    {0xFEFF, 0xFEFF, Treatment::drop},   {0xFFA0, 0xFFA0, Treatment::space},
    {0xFFF0, 0xFFFB, Treatment::drop},   {0xFFFE, 0xFFFF, Treatment::drop},
    {0xE0000, 0xE001F, Treatment::drop}, {0xE0080, 0xE00FF, Treatment::drop},
    {0xE01F0, 0xE0FFF, Treatment::drop},
});
static_assert(std::ranges::is_sorted(rules, {}, &Rule::first));

constexpr char32_t black_flag = 0x1F3F4;
constexpr int accents_max = 4;
constexpr std::string_view ellipsis = "\u2026";
constexpr std::string_view isolate = "\u2068";
constexpr std::string_view end_of_isolate = "\u2069";

Treatment treatment_of(char32_t code) {
    const auto* rule = std::ranges::lower_bound(rules, code, {}, &Rule::last);
    return rule != rules.end() && rule->first <= code ? rule->treatment : Treatment::keep;
}

bool is_joiner(char32_t code) {
    return code == 0x200C || code == 0x200D;
}

bool is_tag(char32_t code) {
    return code >= 0xE0020 && code <= 0xE007F;
}

// One pass over the code points, with what decides about the next one.
class Line {
public:
    void take(const CodePoint& point) {
        switch (treatment_of(point.value)) {
            case Treatment::drop:
                return;
            case Treatment::space:
                space_ = !text_.empty();
                return;
            case Treatment::keep:
                break;
        }
        // A joiner without a letter before it joins nothing, and tags without a flag are a hidden text.
        if (is_joiner(point.value) && (text_.empty() || space_ || is_joiner(last_))) return;
        if (is_tag(point.value) && (!in_flag_ || space_)) return;
        accents_ = extends_cluster(point.value) && !is_tag(point.value) ? accents_ + 1 : 0;
        if (accents_ > accents_max) return;
        if (space_) text_ += ' ';
        space_ = false;
        in_flag_ = point.value == black_flag || (in_flag_ && is_tag(point.value));
        last_ = point.value;
        text_ += point.bytes;
    }

    std::string text() && { return std::move(text_); }

private:
    std::string text_;
    bool space_ = false;
    bool in_flag_ = false;
    int accents_ = 0;
    char32_t last_ = 0;
};

bool leaves_isolate_open(std::string_view text) {
    const auto opened = text.rfind(isolate);
    return opened != std::string_view::npos && text.find(end_of_isolate, opened) == std::string_view::npos;
}

}  // namespace

std::string one_line(std::string_view text) {
    // Enough for any limit further on, so that a text of megabytes costs nothing.
    constexpr std::size_t bytes_max = 65'536;
    const std::string valid = telemetry::valid_utf8(text.substr(0, bytes_max));
    Line line;
    for (std::string_view rest = valid; !rest.empty();) {
        const CodePoint point = first_code_point(rest);
        line.take(point);
        rest.remove_prefix(point.bytes.size());
    }
    return std::move(line).text();
}

std::string shortened(std::string_view text, std::size_t units_max) {
    if (utf16_units(text) <= units_max) return std::string{text};
    if (units_max == 0) return {};
    constexpr std::size_t reserve = 2;  // the ellipsis, and the end of an isolate
    const std::size_t room = units_max > reserve ? units_max - reserve : 0;
    std::size_t size = 0;
    for (std::size_t units = 0; size < text.size();) {
        const std::string_view cluster = first_cluster(text.substr(size));
        units += utf16_units(cluster);
        if (units > room) break;
        size += cluster.size();
    }
    std::string cut{text.substr(0, size)};
    while (!cut.empty() && (cut.back() == ' ' || cut.back() == ',')) cut.pop_back();
    cut += ellipsis;
    if (leaves_isolate_open(cut)) cut += end_of_isolate;
    return cut;
}

std::string quoted(std::string_view untrusted, std::size_t units_max) {
    std::string line = shortened(one_line(untrusted), units_max);
    for (std::string_view rest = line; !rest.empty();) {
        const CodePoint point = first_code_point(rest);
        if (is_right_to_left(point.value)) return std::string{isolate} + line + std::string{end_of_isolate};
        rest.remove_prefix(point.bytes.size());
    }
    return line;
}

std::string masked_email(std::string_view address) {
    const auto at = address.rfind('@');
    if (at == std::string_view::npos || at == 0) return std::string{first_cluster(address)} + "•••";
    return std::string{first_cluster(address.substr(0, at))} + "•••" + std::string{address.substr(at)};
}

}  // namespace tollgate::delivery
