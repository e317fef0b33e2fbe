#include "delivery/slack.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "delivery/clusters.hpp"
#include "delivery/slack_text.hpp"

namespace tollgate::delivery {

namespace {

namespace json = boost::json;

// In UTF-16 units of what is sent. Together they stay below the total that Slack refuses, which is less than
// the sum of its own limits.
constexpr std::size_t header_max = 150;
constexpr std::size_t meaning_max = 900;
constexpr std::size_t label_max = 100;
constexpr std::size_t value_max = 320;
constexpr std::size_t advice_max = 700;
constexpr std::size_t section_max = 900;
constexpr std::size_t sections_max = 3;
constexpr std::size_t line_max = 300;
constexpr std::size_t context_max = 400;
constexpr std::size_t button_max = 75;
constexpr std::size_t alt_text_max = 200;
constexpr std::size_t text_max = 4'000;

json::object plain_object(std::string_view text, std::size_t units_max) {
    return {{"type", "plain_text"}, {"text", slack_plain(text, units_max)}, {"emoji", true}};
}

// Verbatim: Slack makes no links and mentions of its own out of the words.
json::object markup_object(std::string_view markup) {
    return {{"type", "mrkdwn"}, {"text", markup}, {"verbatim", true}};
}

json::object context(std::string_view markup) {
    return {{"type", "context"}, {"elements", json::array{markup_object(markup)}}};
}

bool is_user_group(std::string_view id) {
    constexpr std::size_t length_max = 32;
    return id.starts_with('S') && id.size() <= length_max &&
           std::ranges::all_of(id, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

std::string mention_of(const Message& message, const SlackPlace& place) {
    if (message.priority != v1::PRIORITY_ACT_NOW || !is_user_group(place.user_group)) return {};
    return "<!subteam^" + place.user_group + ">";
}

std::string joined(std::string_view first, std::string_view second) {
    std::string both{first};
    if (!first.empty() && !second.empty()) both += ' ';
    return both += second;
}

json::object image(const Logo& logo) {
    return {
        {"type", "image"}, {"image_url", logo.url}, {"alt_text", slack_plain(logo.company, alt_text_max)}};
}

json::object fields(const Message& message) {
    json::array cells;
    for (const Row& row : message.facts) {
        if (cells.size() == facts_max) break;
        cells.push_back(markup_object("*" + slack_markup(row.label, label_max) + "*\n" +
                                      slack_markup(row.value, value_max)));
    }
    return {{"type", "section"}, {"fields", cells}};
}

std::string titled_lines(const Section& section) {
    std::string markup = section.title.empty() ? "" : "*" + slack_markup(section.title, label_max) + "*";
    std::size_t left = section.lines.size();
    for (const std::string& line : section.lines) {
        const std::string next = (markup.empty() ? "• " : "\n• ") + slack_markup(line, line_max);
        const std::string more = fmt::format("\n… and {} more", left);
        if (utf16_units(markup) + utf16_units(next) + utf16_units(more) > section_max) return markup + more;
        markup += next;
        --left;
    }
    return markup;
}

json::object actions(const Message& message) {
    json::array buttons;
    for (const Button& button : message.buttons) {
        if (buttons.size() == buttons_max) break;
        buttons.push_back(json::object{{"type", "button"},
                                       {"action_id", button.id},
                                       {"text", plain_object(button.label, button_max)},
                                       {"url", button.url}});
    }
    return {{"type", "actions"}, {"elements", buttons}};
}

std::string_view colour_code(Colour colour) {
    switch (colour) {
        case Colour::red:
            return "#d1242f";
        case Colour::amber:
            return "#d4a72c";
        case Colour::green:
            return "#2da44e";
        case Colour::none:
            break;
    }
    return {};
}

json::array opening_blocks(const Message& message, const std::string& mention) {
    json::array blocks{
        json::object{{"type", "header"}, {"text", plain_object(first_line(message), header_max)}}};
    const std::string meaning = joined(mention, slack_markup(message.meaning, meaning_max));
    if (!meaning.empty()) {
        json::object section{{"type", "section"}, {"text", markup_object(meaning)}};
        if (message.logo) section["accessory"] = image(*message.logo);
        blocks.push_back(section);
    }
    std::string marks;
    for (const std::string& mark : message.marks) marks = joined(marks, mark);
    if (!marks.empty()) blocks.push_back(context(slack_markup(marks, context_max)));
    return blocks;
}

json::array detail_blocks(const Message& message) {
    json::array blocks;
    if (!message.facts.empty()) blocks.push_back(fields(message));
    for (const Section& section : message.sections) {
        if (blocks.size() > sections_max) break;
        const std::string lines = titled_lines(section);
        if (lines.empty()) continue;
        blocks.push_back(json::object{{"type", "section"}, {"text", markup_object(lines)}});
    }
    std::string history;
    for (const std::string& line : message.history) history += (history.empty() ? "" : " · ") + line;
    if (!history.empty()) blocks.push_back(context(slack_markup(history, context_max)));
    if (!message.advice.empty()) {
        const std::string markup = "*What to do:* " + slack_markup(message.advice, advice_max);
        blocks.push_back(json::object{{"type", "section"}, {"text", markup_object(markup)}});
    }
    if (!message.buttons.empty()) blocks.push_back(actions(message));
    if (!message.footer.empty()) blocks.push_back(context(slack_markup(message.footer, context_max)));
    return blocks;
}

std::string notification(const Message& message, const std::string& mention) {
    return joined(mention, slack_markup(summary(message), text_max - mention.size() - 1));
}

// All of it without blocks, for people who would otherwise get nothing.
std::string whole_text(const Message& message, const std::string& mention) {
    std::string text = notification(message, mention);
    const auto add = [&](const std::string& line) {
        if (utf16_units(text) + utf16_units(line) < text_max) text += "\n" + line;
    };
    for (const Row& row : message.facts) {
        add(slack_markup(row.label, label_max) + ": " + slack_markup(row.value, value_max));
    }
    for (const Section& section : message.sections) add(titled_lines(section));
    for (const std::string& line : message.history) add(slack_markup(line, line_max));
    for (const Button& button : message.buttons) {
        add("<" + slack_plain(button.url, text_max) + "|" + slack_markup(button.label, button_max) + ">");
    }
    add(slack_markup(message.footer, context_max));
    return text;
}

void address(json::object& body, const SlackPlace& place) {
    if (place.channel.empty()) return;
    body["channel"] = place.channel;
    if (!place.update_ts.empty()) body["ts"] = place.update_ts;
    if (!place.thread_ts.empty()) {
        body["thread_ts"] = place.thread_ts;
        if (place.also_in_channel) body["reply_broadcast"] = true;
    }
    if (!place.delivery_id.empty()) {
        body["metadata"] = json::object{{"event_type", "tollgate_delivery"},
                                        {"event_payload", json::object{{"delivery_id", place.delivery_id}}}};
    }
}

}  // namespace

std::string slack_json(const Message& message, const SlackPlace& place, SlackForm form) {
    const std::string mention = mention_of(message, place);
    json::object body;
    address(body, place);
    body["unfurl_links"] = false;
    body["unfurl_media"] = false;
    if (form == SlackForm::text_only) {
        body["text"] = whole_text(message, mention);
        return json::serialize(body);
    }
    body["text"] = notification(message, mention);
    json::array blocks = opening_blocks(message, mention);
    json::array details = detail_blocks(message);
    // Colour is for what wants somebody to act; on all else it would be noise.
    const bool bar = message.priority == v1::PRIORITY_ACT_NOW || message.priority == v1::PRIORITY_TODAY;
    const std::string_view colour = bar ? colour_code(message.colour) : std::string_view{};
    const bool aside = !colour.empty() && !details.empty();
    if (!aside) blocks.insert(blocks.end(), details.begin(), details.end());
    body["blocks"] = blocks;
    if (aside) body["attachments"] = json::array{json::object{{"color", colour}, {"blocks", details}}};
    return json::serialize(body);
}

}  // namespace tollgate::delivery
