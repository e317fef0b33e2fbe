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
constexpr std::size_t others_shown = 8;
constexpr std::size_t bundle_sections_max = 3;
constexpr std::size_t title_units_max = 60;
constexpr std::size_t line_units_max = 160;

StormTotals totals_of(const EventList& events) {
    StormTotals totals{.count = events.size(),
                       .amounts = amounts_of(events),
                       .untold = untold_in(events),
                       .customers = customers_in(events)};
    std::tie(totals.top_reason, totals.with_top_reason) = top_reason(events);
    for (const auto* const event : events) {
        const auto at = happened_at(*event);
        if (!at) continue;
        if (!totals.first || *at < *totals.first) totals.first = at;
        if (!totals.last || *at > *totals.last) totals.last = at;
    }
    return totals;
}

// What some do not say is not nothing.
std::string told_sum(const Sums& amounts, std::size_t untold) {
    if (amounts.empty()) return untold > 0 ? "amounts not told" : "";
    std::string text = amounts.text(AmountStyle::brief);
    if (untold > 0) {
        text += fmt::format(", and {} that {} not say how much", grouped_digits(untold),
                            untold == 1 ? "does" : "do");
    }
    return text;
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
    if (totals.looked_at > 0)
        add_row(facts, "Looked at", fmt::format("the newest {}", grouped_digits(totals.looked_at)));
    add_row(facts, "Amount", told_sum(totals.amounts, totals.untold));
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

// Lines of monthly recurring revenue, and what they come to.
Section movement_section(const DigestSum::Part& part, Sums& net) {
    Section section{.title = "Monthly recurring revenue", .lines = {}};
    for (std::size_t i = 0; i < part.movements.size(); ++i) {
        const auto& [sums, count] = part.movements.at(i);
        if (count == 0) continue;
        for (const v1::Money& money : sums.all()) net.add(money);
        section.lines.push_back(fmt::format("{}: {} ({})", movement_labels.at(i), sums.delta_text(), count));
    }
    return section;
}

std::string sum_text(const DigestSum::Kind& kind) {
    const std::string at_stake = kind.mrr.text(AmountStyle::brief);
    if (kind.amounts.empty() && !at_stake.empty()) return at_stake + " MRR";
    return told_sum(kind.amounts, kind.untold);
}

// Every event once, with others of its kind, in the order in which the kinds came first.
Section number_section(const DigestSum::Part& part) {
    Section section{.title = "In numbers", .lines = {}};
    for (const DigestSum::Kind& kind : part.kinds) {
        const std::string sum = sum_text(kind);
        section.lines.push_back(counted(kind.count, kind.layout->one, kind.layout->many) +
                                (sum.empty() ? "" : ": " + sum));
    }
    return section;
}

Section attention_section(const DigestSum::Part& part, const Circumstances& circumstances) {
    EventList pressing;
    for (const v1::PaymentEvent& event : part.pressing) pressing.push_back(&event);
    Section section{.title = "Needs attention", .lines = {}};
    for (const auto* const event : by_importance(std::move(pressing))) {
        if (section.lines.size() == attention_shown) break;
        section.lines.push_back(shortened(headline_of(*event, circumstances), line_units_max));
    }
    if (part.pressing_count > attention_shown)
        section.lines.push_back(
            fmt::format("and {} more", grouped_digits(part.pressing_count - attention_shown)));
    return section;
}

// Of a few events, who they are of, and where each is looked at: those to be acted upon are told already.
void add_others(Message& message, std::span<const v1::PaymentEvent> events,
                const Circumstances& circumstances) {
    Section others{.title = "What happened", .lines = {}};
    const EventList sorted = by_importance(without_tests(events));
    std::size_t calm = 0;
    for (const auto* const event : sorted) {
        if (priority_of(*event) > v1::PRIORITY_TODAY && ++calm <= others_shown)
            others.lines.push_back(shortened(headline_of(*event, circumstances), line_units_max));
    }
    if (calm > others_shown) others.lines.push_back(fmt::format("and {} more", calm - others_shown));
    if (!others.lines.empty()) message.sections.push_back(std::move(others));
    for (const auto* const event : sorted) {
        if (message.buttons.size() == buttons_max) break;
        auto buttons = buttons_of(*event, layout_of(*event), circumstances);
        if (buttons.empty()) continue;
        Button button = std::move(buttons.front());
        const std::string who =
            words_of({.event = *event, .circumstances = circumstances, .name_units_max = 36}, "who").words();
        if (!who.empty()) button.label += ": " + who;
        button.id += fmt::format("_{}", message.buttons.size());
        const bool repeats =
            std::ranges::any_of(message.buttons, [&](const Button& b) { return b.url == button.url; });
        if (!repeats) message.buttons.push_back(std::move(button));
    }
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

Message compose_digest(const std::string& period, const DigestSum& sum, const Circumstances& circumstances) {
    const DigestSum::Part& part = sum.told();
    Message message;
    message.priority = v1::PRIORITY_DIGEST;
    if (circumstances.tone == Tone::playful) message.emoji = "🗞️";
    message.test = sum.is_test();
    Sums net;
    Section movement = movement_section(part, net);
    Section attention = attention_section(part, circumstances);
    const std::string title = quoted(period, title_units_max);
    const std::string verdict = part.count == 0 ? "nothing happened"
                                : net.empty()   ? counted(part.count, "event", "events")
                                                : "net MRR " + net.delta_text();
    message.headline = shortened(title.empty() ? verdict : title + ": " + verdict, headline_units_max);
    if (!attention.lines.empty()) message.sections.push_back(std::move(attention));
    if (!movement.lines.empty()) message.sections.push_back(std::move(movement));
    if (part.count > 0) message.sections.push_back(number_section(part));
    if (const std::size_t left_out = sum.count() - part.count; left_out > 0) {
        message.marks.push_back(counted(left_out, "test event is", "test events are") + " left out.");
    }
    add_page_button(message, circumstances);
    message.footer = footer_without_event(circumstances, "Each currency is summed by itself");
    return message;
}

Message compose_digest(const Digest& digest, const Circumstances& circumstances) {
    DigestSum sum;
    for (const v1::PaymentEvent& event : digest.events) sum.add(event);
    return compose_digest(digest.title, sum, circumstances);
}

Message compose_bundle(const Digest& bundle, const Circumstances& circumstances) {
    Message message = compose_digest(bundle, circumstances);
    // What is listed need not be counted, too.
    const bool is_short = bundle.events.size() <= others_shown;
    if (is_short && !message.sections.empty()) message.sections.pop_back();
    // Nobody reads more than a digest has.
    if (is_short || message.sections.size() < bundle_sections_max)
        add_others(message, bundle.events, circumstances);
    return message;
}

}  // namespace tollgate::delivery
