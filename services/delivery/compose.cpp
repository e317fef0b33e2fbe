#include "delivery/compose.hpp"

#include <algorithm>

#include "delivery/amounts.hpp"
#include "delivery/clusters.hpp"
#include "delivery/event_words.hpp"
#include "delivery/readable.hpp"
#include "delivery/surroundings.hpp"
#include "delivery/template_text.hpp"

namespace tollgate::delivery {

namespace {

constexpr std::size_t advice_units_max = 300;
constexpr std::uint32_t big_customer_percentile = 90;

Text filled(std::string_view text, const Scene& scene) {
    return fill(text, [&](std::string_view name) { return words_of(scene, name); }).value_or(Text{});
}

// FNV-1a: the same on every machine and in every build, which std::hash is not.
std::uint64_t hash(std::string_view text) {
    std::uint64_t value = 14695981039346656037U;
    for (const char c : text) value = (value ^ static_cast<std::uint8_t>(c)) * 1099511628211U;
    return value;
}

bool is_serious(const v1::PaymentEvent& event) {
    return priority_of(event) == v1::PRIORITY_ACT_NOW ||
           (event.category() == v1::CATEGORY_MONEY_AT_RISK &&
            event.history().value_percentile() >= big_customer_percentile);
}

const Voice& voice_of(const Layout& layout, const v1::PaymentEvent& event,
                      const Circumstances& circumstances) {
    if (circumstances.tone == Tone::neutral || layout.playful.empty() || is_serious(event))
        return layout.neutral;
    return layout.playful[hash(circumstances.event_id) % layout.playful.size()];
}

// Long names give way first, so that what happened, how much and by when stay.
std::string headline(const Voice& voice, const v1::PaymentEvent& event, const Circumstances& circumstances) {
    std::string text;
    for (const std::size_t name_units_max : {60U, 36U, 24U}) {
        text = filled(voice.headline,
                      {.event = event, .circumstances = circumstances, .name_units_max = name_units_max})
                   .words();
        if (utf16_units(text) <= headline_units_max) return text;
    }
    return shortened(text, headline_units_max);
}

std::vector<Row> facts_of(const Layout& layout, const Scene& scene) {
    std::vector<Row> facts;
    for (const RowTemplate& row : layout.rows) {
        if (facts.size() == facts_max) break;
        Text value = filled(row.value, scene);
        if (!value.empty()) facts.push_back({.label = std::string{row.label}, .value = std::move(value)});
    }
    return facts;
}

// What the sender attached is all that there is to tell of an event that we do not know.
void add_attributes(std::vector<Row>& facts, const v1::PaymentEvent& event) {
    for (const v1::Attribute& attribute : event.attributes()) {
        if (facts.size() == facts_max) return;
        const std::string label = quoted(attribute.name(), 40);
        const std::string value = quoted(attribute.value(), 120);
        if (!label.empty() && !value.empty()) facts.push_back({.label = label, .value = Text{value}});
    }
}

Colour colour_of(bool good, v1::Priority priority) {
    if (good) return Colour::green;
    if (priority == v1::PRIORITY_ACT_NOW) return Colour::red;
    return priority == v1::PRIORITY_TODAY ? Colour::amber : Colour::none;
}

std::string counted(std::uint32_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::vector<std::string> history_of(const v1::PaymentEvent& event, const Circumstances& circumstances) {
    const auto& history = event.history();
    std::vector<std::string> lines;
    // Who came today is no news.
    if (const auto since = time_of(history.has_customer_since(), history.customer_since());
        since && *since + std::chrono::days{1} <= circumstances.clock.now) {
        lines.push_back("Customer for " + span_text(std::chrono::floor<std::chrono::seconds>(
                                              circumstances.clock.now - *since)));
    }
    if (history.payments() > 0)
        lines.push_back(counted(history.payments(), "payment", "payments") + " before");
    if (history.lifetime_paid().minor() > 0) {
        lines.push_back("Lifetime value " + amount_text(history.lifetime_paid(), AmountStyle::brief));
    }
    if (history.failures() > 0)
        lines.push_back(counted(history.failures(), "failure", "failures") + " before");
    if (history.disputes() > 0)
        lines.push_back(counted(history.disputes(), "dispute", "disputes") + " before");
    if (history.value_percentile() >= big_customer_percentile && history.value_percentile() <= 100) {
        lines.push_back(fmt::format("Top {} % of customers", std::max(1U, 100 - history.value_percentile())));
    }
    return lines;
}

std::vector<std::string> marks_of(const v1::PaymentEvent& event, const Circumstances& circumstances) {
    std::vector<std::string> marks;
    const auto happened = happened_at(event);
    const auto& now = circumstances.clock.now;
    if (happened && (circumstances.held_back || now - *happened > late_after) && now > *happened) {
        marks.push_back(fmt::format("Late: this happened {} ago.",
                                    span_text(std::chrono::floor<std::chrono::seconds>(now - *happened))));
    } else if (circumstances.held_back) {
        marks.emplace_back("Late: this was held back.");
    }
    if (circumstances.replayed) marks.emplace_back("Replayed by an operator.");
    if (circumstances.may_be_repeat) {
        marks.emplace_back("May be a repeat: whether the first one arrived is not known.");
    }
    if (event.proof() == v1::PROOF_NONE) marks.emplace_back("Unproven: the sender does not sign its events.");
    return marks;
}

}  // namespace

std::optional<Timestamp> happened_at(const v1::PaymentEvent& event) {
    return time_of(event.has_provider_time(), event.provider_time());
}

v1::Priority priority_of(const v1::PaymentEvent& event) {
    const auto priority = event.priority();
    const bool known = priority >= v1::PRIORITY_ACT_NOW && priority <= v1::PRIORITY_DIGEST;
    return known ? priority : layout_of(event).priority;
}

std::string headline_of(const v1::PaymentEvent& event, const Circumstances& circumstances) {
    return headline(layout_of(event).neutral, event, circumstances);
}

Message compose(const v1::PaymentEvent& event, const Circumstances& circumstances) {
    const Layout& layout = layout_of(event);
    const Voice& voice = voice_of(layout, event, circumstances);
    const Scene scene{.event = event, .circumstances = circumstances};
    Message message;
    if (circumstances.tone == Tone::playful) message.emoji = voice.emoji.empty() ? layout.emoji : voice.emoji;
    message.test = event.mode() == v1::MODE_TEST;
    message.headline = headline(voice, event, circumstances);
    message.meaning = filled(voice.meaning, scene);
    message.facts = facts_of(layout, scene);
    if (&layout == &other_layout()) add_attributes(message.facts, event);
    message.advice = event.advice().empty() ? filled(layout.advice, scene).words()
                                            : quoted(event.advice(), advice_units_max);
    message.history = history_of(event, circumstances);
    message.marks = marks_of(event, circumstances);
    message.buttons = buttons_of(event, layout, circumstances);
    message.logo = logo_of(event);
    message.footer = footer_of(event, circumstances);
    message.priority = priority_of(event);
    message.colour = colour_of(layout.good, message.priority);
    message.happened = happened_at(event);
    return message;
}

}  // namespace tollgate::delivery
