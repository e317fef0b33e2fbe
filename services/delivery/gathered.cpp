#include "delivery/gathered.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "delivery/compose.hpp"
#include "delivery/event_words.hpp"
#include "delivery/listed_events.hpp"
#include "delivery/readable.hpp"
#include "delivery/surroundings.hpp"

namespace tollgate::delivery {

namespace {

constexpr std::size_t largest_shown = 5;
constexpr std::size_t attention_shown = 5;
constexpr std::size_t title_units_max = 60;
constexpr std::size_t line_units_max = 160;

StormTotals totals_of(const EventList& events) {
    StormTotals totals{
        .count = events.size(), .amounts = amounts_of(events), .customers = customers_in(events)};
    std::tie(totals.top_reason, totals.with_top_reason) = top_reason(events);
    for (const auto* const event : events) {
        const auto at = happened_at(*event);
        if (!at) continue;
        if (!totals.first || *at < *totals.first) totals.first = at;
        if (!totals.last || *at > *totals.last) totals.last = at;
    }
    return totals;
}

Row moment_row(std::string_view label, Timestamp at, const Circumstances& circumstances) {
    Row row{.label = std::string{label}, .value = {}};
    row.value.pieces.push_back({.words = moment_text(at, circumstances.clock), .moment = at});
    return row;
}

void add_row(std::vector<Row>& rows, std::string_view label, const std::string& value) {
    if (!value.empty()) rows.push_back({.label = std::string{label}, .value = Text{value}});
}

std::string storm_headline(const Storm& storm, const StormTotals& totals, const Layout& layout) {
    std::string text = storm.over ? "Over: " : "";
    text += counted(totals.count, layout.one, layout.many);
    if (totals.first && totals.last && *totals.last > *totals.first) {
        text += " in " + span_text(std::chrono::floor<std::chrono::seconds>(*totals.last - *totals.first));
    }
    if (storm.usual > 0) text += fmt::format(" (usually {})", storm.usual);
    return text;
}

Text reason_sentence(const StormTotals& totals) {
    const std::string reason = quoted(totals.top_reason, line_units_max);
    // A reason that fewer than half have explains nothing.
    if (reason.empty() || totals.with_top_reason * 2 < totals.count) return {};
    if (totals.with_top_reason >= totals.count) return Text{"All for the same reason: " + reason + "."};
    return Text{
        fmt::format("{} % for the same reason: {}.", totals.with_top_reason * 100 / totals.count, reason)};
}

// The kind of event stands in the headline already.
std::string largest_line(const v1::PaymentEvent& event, const Circumstances& circumstances) {
    const Scene scene{.event = event, .circumstances = circumstances};
    const std::string who = words_of(scene, "who").words();
    const std::string amount = words_of(scene, "amount").words();
    if (who.empty()) return amount.empty() ? headline_of(event, circumstances) : amount;
    return amount.empty() ? who : who + ", " + amount;
}

Section largest_section(const EventList& events, const Circumstances& circumstances) {
    Section largest{.title = "The largest", .lines = {}};
    for (const auto* const event : by_importance(events)) {
        if (largest.lines.size() == largest_shown) break;
        largest.lines.push_back(shortened(largest_line(*event, circumstances), line_units_max));
    }
    return largest;
}

std::vector<Row> storm_facts(const Storm& storm, const StormTotals& totals,
                             const Circumstances& circumstances) {
    std::vector<Row> facts;
    add_row(facts, "Amount", totals.amounts.text(AmountStyle::brief));
    if (totals.customers > 0) add_row(facts, "Customers", grouped_digits(totals.customers));
    if (totals.first) facts.push_back(moment_row("First seen", *totals.first, circumstances));
    if (totals.last) facts.push_back(moment_row("Last seen", *totals.last, circumstances));
    if (storm.recovered > 0) add_row(facts, "Recovered since", grouped_digits(storm.recovered));
    return facts;
}

// A footer of many events: no moment and no id of a single one.
Text footer_without_event(const Circumstances& circumstances, std::string_view said) {
    Text footer{std::string{said}};
    const std::string why = quoted(circumstances.why, title_units_max);
    if (!why.empty()) footer.append(Text{" · " + why});
    return footer;
}

void add_page_button(Message& message, const Circumstances& circumstances) {
    const std::string url = safe_url(circumstances.event_url);
    if (!url.empty()) message.buttons.push_back({.id = "open_list", .label = "Open list", .url = url});
}

struct Movement {
    v1::MrrEffect effect;
    std::string_view label;
};

constexpr auto movements = std::to_array<Movement>({
    {v1::MRR_EFFECT_NEW, "New"},
    {v1::MRR_EFFECT_EXPANSION, "Expansion"},
    {v1::MRR_EFFECT_CONTRACTION, "Contraction"},
    {v1::MRR_EFFECT_CHURN, "Churn"},
    {v1::MRR_EFFECT_REACTIVATION, "Reactivation"},
});

// Lines of monthly recurring revenue, and what they come to.
Section movement_section(const EventList& events, Sums& net) {
    Section section{.title = "Monthly recurring revenue", .lines = {}};
    for (const auto& [effect, label] : movements) {
        Sums sums;
        std::size_t count = 0;
        for (const auto* const event : events) {
            if (event->mrr_effect() != effect || !event->has_mrr_delta()) continue;
            ++count;
            sums.add(event->mrr_delta());
            net.add(event->mrr_delta());
        }
        if (count > 0) section.lines.push_back(fmt::format("{}: {} ({})", label, sums.delta_text(), count));
    }
    return section;
}

// Every event once, with others of its kind, in the order in which the kinds came first.
Section number_section(const EventList& events) {
    std::vector<std::pair<const Layout*, EventList>> kinds;
    for (const auto* const event : events) {
        const Layout* const layout = &layout_of(*event);
        auto kind = std::ranges::find(kinds, layout, [](const auto& entry) { return entry.first; });
        if (kind == kinds.end()) kind = kinds.insert(kinds.end(), {layout, {}});
        kind->second.push_back(event);
    }
    Section section{.title = "In numbers", .lines = {}};
    for (const auto& [layout, of_kind] : kinds) {
        std::string sum = amounts_of(of_kind).text(AmountStyle::brief);
        if (sum.empty()) {
            sum = mrr_of(of_kind).text(AmountStyle::brief);
            if (!sum.empty()) sum += " MRR";
        }
        section.lines.push_back(counted(of_kind.size(), layout->one, layout->many) +
                                (sum.empty() ? "" : ": " + sum));
    }
    return section;
}

Section attention_section(const EventList& events, const Circumstances& circumstances) {
    EventList pressing;
    for (const auto* const event : events) {
        if (priority_of(*event) <= v1::PRIORITY_TODAY) pressing.push_back(event);
    }
    Section section{.title = "Needs attention", .lines = {}};
    const EventList sorted = by_importance(pressing);
    for (const auto* const event : sorted) {
        if (section.lines.size() == attention_shown) break;
        section.lines.push_back(shortened(headline_of(*event, circumstances), line_units_max));
    }
    if (sorted.size() > attention_shown) {
        section.lines.push_back(fmt::format("and {} more", sorted.size() - attention_shown));
    }
    return section;
}

}  // namespace

Message compose_storm(const Storm& storm, const Circumstances& circumstances) {
    const EventList events = without_tests(storm.events);
    const Layout& layout = layout_of(*events.front());
    const StormTotals totals = storm.totals ? *storm.totals : totals_of(events);
    const bool alarming = layout.priority <= v1::PRIORITY_TODAY;
    Message message;
    message.priority = alarming && !storm.over ? v1::PRIORITY_ACT_NOW : v1::PRIORITY_INFORMATION;
    message.colour = alarming && !storm.over ? Colour::red : Colour::none;
    if (circumstances.tone == Tone::playful) message.emoji = storm.over ? "🌤️" : "🌩️";
    message.test = events.front()->mode() == v1::MODE_TEST;
    message.headline = storm_headline(storm, totals, layout);
    message.meaning = reason_sentence(totals);
    message.facts = storm_facts(storm, totals, circumstances);
    message.sections.push_back(largest_section(events, circumstances));
    if (alarming && !storm.over) {
        message.advice =
            "Check whether the provider or your checkout has trouble before you write to customers.";
    }
    add_page_button(message, circumstances);
    message.footer = footer_without_event(
        circumstances, storm.over ? "Single messages come again from now on"
                                  : "Single messages are held back, this one is kept up to date");
    message.happened = totals.last;
    return message;
}

Message compose_digest(const Digest& digest, const Circumstances& circumstances) {
    const EventList events = without_tests(digest.events);
    Message message;
    message.priority = v1::PRIORITY_DIGEST;
    if (circumstances.tone == Tone::playful) message.emoji = "🗞️";
    message.test = !events.empty() && events.front()->mode() == v1::MODE_TEST;
    Sums net;
    Section movement = movement_section(events, net);
    Section attention = attention_section(events, circumstances);
    const std::string title = quoted(digest.title, title_units_max);
    const std::string verdict = events.empty() ? "nothing happened"
                                : net.empty()  ? counted(events.size(), "event", "events")
                                               : "net MRR " + net.delta_text();
    message.headline = shortened(title.empty() ? verdict : title + ": " + verdict, headline_units_max);
    if (!attention.lines.empty()) message.sections.push_back(std::move(attention));
    if (!movement.lines.empty()) message.sections.push_back(std::move(movement));
    if (!events.empty()) message.sections.push_back(number_section(events));
    if (const std::size_t left_out = digest.events.size() - events.size(); left_out > 0) {
        message.marks.push_back(counted(left_out, "test event is", "test events are") + " left out.");
    }
    add_page_button(message, circumstances);
    message.footer = footer_without_event(circumstances, "Each currency is summed by itself");
    return message;
}

}  // namespace tollgate::delivery
