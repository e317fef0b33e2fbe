#include "delivery/preview.hpp"

#include <algorithm>
#include <string_view>

#include "delivery/clusters.hpp"

namespace tollgate::delivery {

namespace {

constexpr std::size_t columns_min = 24;
constexpr std::size_t label_columns_max = 20;

enum class Weight { plain, bold, dim };

std::string_view begin_of(Weight weight) {
    switch (weight) {
        case Weight::bold:
            return "\x1b[1m";
        case Weight::dim:
            return "\x1b[2m";
        case Weight::plain:
            break;
    }
    return {};
}

std::string_view begin_of(Colour colour) {
    switch (colour) {
        case Colour::red:
            return "\x1b[31m";
        case Colour::amber:
            return "\x1b[33m";
        case Colour::green:
            return "\x1b[32m";
        case Colour::none:
            break;
    }
    return {};
}

// As much of the text as fits, broken at a space if there is one; at least one cluster.
std::string_view fitting(std::string_view text, std::size_t room) {
    std::size_t used = 0;
    std::size_t end = 0;
    std::size_t last_space = 0;
    while (end < text.size()) {
        const std::string_view cluster = first_cluster(text.substr(end));
        if (cluster == " ") last_space = end;
        used += columns(cluster);
        if (used > room && end > 0)
            return text.substr(0, cluster != " " && last_space > 0 ? last_space : end);
        end += cluster.size();
    }
    return text;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t room) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::string_view line = fitting(text, room);
        lines.emplace_back(line);
        text.remove_prefix(line.size());
        while (text.starts_with(' ')) text.remove_prefix(1);
    }
    return lines;
}

class Page {
public:
    Page(const Message& message, const PreviewStyle& style)
        : style_{style}, room_{std::max(style.columns, columns_min)}, colour_{message.colour} {
        if (colour_ != Colour::none) room_ -= 2;
    }

    void paragraph(std::string_view text, Weight weight = Weight::plain, std::size_t indent = 0,
                   std::string_view first = {}) {
        std::string lead{first};
        for (const std::string& line : wrapped(text, room_ - indent)) {
            put(lead.empty() ? std::string(indent, ' ') : lead, line, weight);
            lead.clear();
        }
    }

    // Never broken.
    void line(std::string_view text) { put("", text, Weight::plain); }

    // Between what stands before and what comes after, if there is both.
    void blank() { blank_is_due_ = !out_.empty(); }

    std::size_t room() const { return room_; }
    std::string text() && { return std::move(out_); }

private:
    void put(std::string_view lead, std::string_view line, Weight weight) {
        if (blank_is_due_) {
            blank_is_due_ = false;
            put("", "", Weight::plain);
        }
        std::string text;
        if (colour_ != Colour::none) {
            if (style_.colours) text += begin_of(colour_);
            text += "▌";
            if (style_.colours) text += "\x1b[0m";
            if (!line.empty()) text += ' ';
        }
        const bool marked = style_.colours && weight != Weight::plain && !line.empty();
        text += line.empty() ? "" : lead;
        if (marked) text += begin_of(weight);
        text += line;
        if (marked) text += "\x1b[0m";
        out_ += text + "\n";
    }

    PreviewStyle style_;
    std::size_t room_;
    Colour colour_;
    std::string out_;
    bool blank_is_due_ = false;
};

void facts(Page& page, const Message& message) {
    std::size_t widest = 0;
    for (const Row& row : message.facts) widest = std::max(widest, columns(row.label));
    // In a narrow window values need the room more than labels do.
    const std::size_t wide = std::min({widest, label_columns_max, page.room() / 3});
    const std::size_t indent = wide + 4;
    for (const Row& row : message.facts) {
        const std::string label{wrapped(row.label, wide).front()};
        const std::string lead = "  " + label + std::string(indent - 2 - columns(label), ' ');
        page.paragraph(row.value.words(), Weight::plain, indent, lead);
    }
}

void sections(Page& page, const Message& message) {
    for (const Section& section : message.sections) {
        page.blank();
        page.paragraph(section.title, Weight::bold);
        for (const std::string& line : section.lines) page.paragraph(line, Weight::plain, 4, "  • ");
    }
}

}  // namespace

std::string preview(const Message& message, const PreviewStyle& style) {
    Page page{message, style};
    page.paragraph(first_line(message), Weight::bold);
    page.paragraph(message.meaning.words());
    for (const std::string& mark : message.marks) page.paragraph(mark, Weight::dim);
    page.blank();
    facts(page, message);
    sections(page, message);
    page.blank();
    std::string history;
    for (const std::string& line : message.history) history += (history.empty() ? "" : " · ") + line;
    page.paragraph(history, Weight::dim);
    if (!message.advice.empty()) page.paragraph("What to do: " + message.advice);
    for (const Button& button : message.buttons) page.line("[" + button.label + "] " + button.url);
    page.paragraph(message.footer.words(), Weight::dim);
    return std::move(page).text();
}

}  // namespace tollgate::delivery
