#include "tollgate/table.hpp"

#include <algorithm>
#include <string_view>

namespace tollgate {

namespace {

using Cells = std::vector<std::string>;

constexpr std::size_t gap = 2;
constexpr std::size_t further_in = 4;
// With less than this nothing is readable, however it is laid out.
constexpr std::size_t narrowest = 40;

bool continues_a_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Of UTF-8.
std::size_t characters(std::string_view text) {
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_a_character));
}

std::size_t bytes_of(std::string_view text, std::size_t most_characters) {
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
        if (!continues_a_character(text[end]) && seen++ == most_characters) break;
    }
    return end;
}

// Between words where there are any.
Cells broken(std::string_view text, std::size_t width) {
    Cells lines;
    while (characters(text) > width) {
        std::size_t end = text.rfind(' ', bytes_of(text, width));
        if (end == std::string_view::npos || end == 0) end = bytes_of(text, width);
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
        if (text.starts_with(' ')) text.remove_prefix(1);
    }
    lines.emplace_back(text);
    return lines;
}

std::vector<std::size_t> widths_of(const std::vector<Cells>& rows) {
    std::vector<std::size_t> widths;
    for (const Cells& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
    }
    return widths;
}

// The columns of each line that a row takes: from one to the next.
std::vector<std::size_t> first_of_lines(const std::vector<std::size_t>& widths,
                                        std::optional<std::size_t> width) {
    std::vector<std::size_t> begins{0};
    std::size_t used = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const std::size_t before = i == begins.back() ? 0 : gap;
        if (width && before > 0 && used + before + widths[i] > *width) {
            begins.push_back(i);
            used = further_in + widths[i];
        } else {
            used += before + widths[i];
        }
    }
    begins.push_back(widths.size());
    return begins;
}

void write_line(std::string& text, std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    if (!line.empty()) text += line + '\n';
}

}  // namespace

std::string lay_out(const std::vector<Cells>& rows, std::optional<std::size_t> width) {
    if (width) width = std::max(*width, narrowest);
    const std::vector<std::size_t> widths = widths_of(rows);
    const std::vector<std::size_t> begins = first_of_lines(widths, width);
    std::string text;
    for (const Cells& row : rows) {
        for (std::size_t l = 0; l + 1 < begins.size(); ++l) {
            const std::size_t end = std::min(begins[l + 1], row.size());
            std::string line(l == 0 ? 0 : further_in, ' ');
            for (std::size_t i = begins[l]; i < end; ++i) {
                // One that is longer than a line is alone in it.
                if (width && line.size() + characters(row[i]) > *width && i == begins[l]) {
                    for (const std::string& part : broken(row[i], *width - further_in))
                        write_line(text, std::string(further_in, ' ') + part);
                    line.clear();
                    continue;
                }
                line += row[i];
                if (i + 1 < end) line.append(widths[i] + gap - characters(row[i]), ' ');
            }
            write_line(text, std::move(line));
        }
    }
    return text;
}

}  // namespace tollgate
