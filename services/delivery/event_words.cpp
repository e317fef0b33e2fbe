#include "delivery/event_words.hpp"

#include <algorithm>
#include <array>

#include "delivery/amounts.hpp"
#include "delivery/event_moments.hpp"
#include "delivery/provider_name.hpp"
#include "delivery/readable.hpp"

namespace tollgate::delivery {

namespace {

using Words = Text (*)(const Scene&);

struct Name {
    std::string_view name;
    Words words;
};

constexpr std::size_t reason_units_max = 120;
constexpr std::size_t line_units_max = 200;
constexpr int months_per_year = 12;

// A provider's code as words: "product_not_received".
std::string spoken(std::string_view code, std::size_t units_max) {
    std::string words{code.substr(0, 4 * units_max)};
    std::ranges::replace(words, '_', ' ');
    return quoted(words, units_max);
}

// A sentence that is to stand within one of ours.
std::string_view clause(std::string_view sentence) {
    while (sentence.ends_with('.') || sentence.ends_with(' ')) sentence.remove_suffix(1);
    return sentence;
}

Text told(std::string_view untrusted, std::size_t units_max = line_units_max) {
    return Text{quoted(untrusted, units_max)};
}

Text moment(const Scene& scene, const Moment& at) {
    Text text;
    if (at) text.pieces.push_back({.words = moment_text(*at, scene.circumstances.clock), .moment = at});
    return text;
}

Text day(const Scene& scene, const Moment& at) {
    return at ? Text{day_text(*at, scene.circumstances.clock)} : Text{};
}

Text left(const Scene& scene, const Moment& at) {
    return Text{time_left(at, scene.circumstances.clock.now)};
}

Moment ahead(const Scene& scene, const Moment& at) {
    return ahead_of(scene.circumstances.clock.now, at);
}

Moment behind(const Scene& scene, const Moment& at) {
    return ahead(scene, at) ? std::nullopt : at;
}

std::string email_of(const Scene& scene) {
    std::string address = one_line(scene.event.customer().email());
    // "Ada Lovelace <ada@acme.com>"
    if (const auto open = address.rfind('<'); open != std::string::npos && address.ends_with('>')) {
        address = address.substr(open + 1, address.size() - open - 2);
    }
    if (address.empty()) return {};
    switch (scene.circumstances.email_addresses) {
        case EmailAddresses::masked:
            return quoted(masked_email(address), scene.name_units_max);
        case EmailAddresses::full:
            return quoted(address, scene.name_units_max);
        case EmailAddresses::hidden:
            break;
    }
    return {};
}

Text who(const Scene& scene) {
    const auto& customer = scene.event.customer();
    for (const std::string_view name :
         {std::string_view{scene.event.company().name()}, std::string_view{customer.company()},
          std::string_view{customer.name()}}) {
        if (auto text = told(name, scene.name_units_max); !text.empty()) return text;
    }
    return Text{email_of(scene)};
}

// Whom to write to, where the headline names only the company.
Text contact(const Scene& scene) {
    const std::string name = quoted(scene.event.customer().name(), scene.name_units_max);
    const std::string address = email_of(scene);
    const std::string named = who(scene).words();
    if (!name.empty() && name != named) return Text{address.empty() ? name : name + ", " + address};
    return address == named ? Text{} : Text{address};
}

std::string interval_text(const v1::Plan& plan) {
    struct Interval {
        v1::Interval interval;
        std::string_view each;
        std::string_view unit;
    };
    static constexpr auto intervals = std::to_array<Interval>({{v1::INTERVAL_DAY, "daily", "days"},
                                                               {v1::INTERVAL_WEEK, "weekly", "weeks"},
                                                               {v1::INTERVAL_MONTH, "monthly", "months"},
                                                               {v1::INTERVAL_YEAR, "yearly", "years"},
                                                               {v1::INTERVAL_ONCE, "once", ""}});
    const auto* const found = std::ranges::find(intervals, plan.interval(), &Interval::interval);
    if (found == intervals.end()) return {};
    if (plan.interval_count() <= 1 || found->unit.empty()) return std::string{found->each};
    return fmt::format("every {} {}", plan.interval_count(), found->unit);
}

Text plan_words(const Scene& scene, const v1::Plan& plan) {
    const std::size_t units = scene.name_units_max * 2 / 3;
    std::string name = quoted(plan.name().empty() ? plan.id() : plan.name(), units);
    const std::string interval = interval_text(plan);
    // Many plans are named by their interval already.
    if (!name.empty() && !interval.empty() && name.find(interval) == std::string::npos)
        name += ' ' + interval;
    return Text{name};
}

Text card(const Scene& scene) {
    const auto& card = scene.event.card();
    std::string text = spoken(card.brand(), 24);
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 32);
    if (!card.last_four().empty()) {
        text += (text.empty() ? "Card ••••" : " ••••") + quoted(card.last_four(), 4);
    }
    return Text{text};
}

Text card_expiry(const Scene& scene) {
    const auto& card = scene.event.card();
    if (card.expiry_month() < 1 || card.expiry_month() > months_per_year || card.expiry_year() == 0)
        return {};
    return Text{fmt::format("{:02}/{:02}", card.expiry_month(), card.expiry_year() % 100)};
}

Text attempt(const Scene& scene) {
    const auto number = scene.event.attempt();
    const auto most = scene.event.attempts_max();
    // A first attempt of nobody knows how many says nothing.
    if (number == 0 || (number == 1 && most == 0)) return {};
    return Text{most >= number ? fmt::format("{} of {}", number, most) : fmt::format("{}", number)};
}

// What a year of the subscription is worth, in minor units; nothing if that is not told or does not fit.
Text yearly(const Scene& scene) {
    v1::Money year = scene.event.mrr();
    std::int64_t minor = 0;
    if (year.minor() <= 0 || __builtin_mul_overflow(year.minor(), months_per_year, &minor)) return {};
    year.set_minor(minor);
    return Text{amount_text(year, AmountStyle::brief)};
}

Text growth(const Scene& scene) {
    const auto& delta = scene.event.mrr_delta();
    const auto& now = scene.event.mrr();
    const double before = static_cast<double>(now.minor()) - static_cast<double>(delta.minor());
    constexpr double unbelievable = 100'000;
    if (delta.currency() != now.currency() || before <= 0 || delta.minor() == 0) return {};
    const double percent = static_cast<double>(delta.minor()) / before * 100;
    if (percent > unbelievable || percent < -100) return {};
    return Text{fmt::format("{}{:.0f} %", percent < 0 ? "−" : "+", percent < 0 ? -percent : percent)};
}

// Monthly revenue that goes when the subscription does.
Text loss(const Scene& scene) {
    v1::Money lost = scene.event.mrr_delta();
    if (lost.minor() >= 0) {
        lost = scene.event.mrr();
        if (lost.minor() <= 0) return {};
        lost.set_minor(-lost.minor());
    }
    return Text{delta_text(lost)};
}

Text company(const Scene& scene) {
    const auto& company = scene.event.company();
    std::string text;
    for (const std::string& part : {company.industry(), company.size(), company.location()}) {
        const std::string word = quoted(part, 60);
        if (!word.empty()) text += (text.empty() ? "" : " · ") + word;
    }
    return Text{text};
}

Text customer_id(const Scene& scene) {
    return who(scene).empty() ? told(scene.event.customer().id(), 60) : Text{};
}

Text positive(const v1::Money& money, AmountStyle style = AmountStyle::exact) {
    return money.minor() == 0 ? Text{} : Text{amount_text(money, style)};
}

Text reason(const Scene& scene) {
    const std::string_view words = clause(scene.event.failure_reason());
    return Text{words.empty() ? spoken(scene.event.failure_code(), reason_units_max)
                              : quoted(words, reason_units_max)};
}

Text invoice(const Scene& scene) {
    const auto& references = scene.event.references();
    return told(references.invoice_number(), 60);
}

// Who sees no amount must not take it for none.
Text amount_untold(const Scene& scene) {
    if (!amount_text(scene.event.amount()).empty()) return {};
    const std::string provider = provider_name(scene.event);
    return Text{provider.empty() ? "not told" : "not told by " + provider};
}

const auto names = std::to_array<Name>({
    {"amount", [](const Scene& s) { return Text{amount_text(s.event.amount())}; }},
    {"amount_untold", amount_untold},
    {"attempt", attempt},
    {"cancel_reason",
     [](const Scene& s) { return Text{spoken(clause(s.event.cancel_reason()), reason_units_max)}; }},
    {"card", card},
    {"card_expiry", card_expiry},
    {"company", company},
    {"contact", contact},
    {"country", [](const Scene& s) { return told(s.event.customer().country(), 24); }},
    {"customer_id", customer_id},
    {"delta",
     [](const Scene& s) {
         return s.event.has_mrr_delta() && s.event.mrr_delta().minor() != 0
                    ? Text{delta_text(s.event.mrr_delta())}
                    : Text{};
     }},
    {"dispute_reason",
     [](const Scene& s) { return Text{spoken(s.event.dispute_reason(), reason_units_max)}; }},
    {"due", [](const Scene& s) { return moment(s, evidence_due(s.event)); }},
    {"due_ahead", [](const Scene& s) { return moment(s, ahead(s, evidence_due(s.event))); }},
    {"due_left", [](const Scene& s) { return left(s, evidence_due(s.event)); }},
    {"due_over", [](const Scene& s) { return day(s, behind(s, evidence_due(s.event))); }},
    {"ends_at", [](const Scene& s) { return moment(s, ends_at(s.event)); }},
    {"ends_day", [](const Scene& s) { return day(s, ends_at(s.event)); }},
    {"external_id", [](const Scene& s) { return told(s.event.external_reference(), 80); }},
    {"fee", [](const Scene& s) { return positive(s.event.fee()); }},
    {"growth", growth},
    {"invoice", invoice},
    {"loss", loss},
    {"mrr", [](const Scene& s) { return positive(s.event.mrr(), AmountStyle::brief); }},
    {"next_attempt", [](const Scene& s) { return moment(s, ahead(s, next_attempt(s.event))); }},
    {"next_day", [](const Scene& s) { return day(s, ahead(s, next_attempt(s.event))); }},
    {"order", [](const Scene& s) { return told(s.event.references().order_id(), 60); }},
    {"paid_until",
     [](const Scene& s) { return day(s, time_of(s.event.period().has_end(), s.event.period().end())); }},
    {"plan", [](const Scene& s) { return plan_words(s, s.event.plan()); }},
    {"provider", [](const Scene& s) { return Text{provider_name(s.event)}; }},
    {"reason", reason},
    {"refunded", [](const Scene& s) { return positive(s.event.amount_refunded()); }},
    {"seats",
     [](const Scene& s) {
         return s.event.quantity() > 1 ? Text{std::to_string(s.event.quantity())} : Text{};
     }},
    {"status", [](const Scene& s) { return Text{spoken(s.event.status(), 40)}; }},
    {"subject", [](const Scene& s) { return told(s.event.subject().description(), 120); }},
    {"subject_id", [](const Scene& s) { return told(s.event.subject().id(), 80); }},
    {"trial_end", [](const Scene& s) { return moment(s, trial_end(s.event)); }},
    {"trial_left", [](const Scene& s) { return left(s, trial_end(s.event)); }},
    {"trial_over", [](const Scene& s) { return day(s, behind(s, trial_end(s.event))); }},
    {"type", [](const Scene& s) { return told(s.event.provider_event_type(), 80); }},
    {"was_plan", [](const Scene& s) { return plan_words(s, s.event.previous_plan()); }},
    {"who", who},
    {"yearly", yearly},
});

}  // namespace

Text words_of(const Scene& scene, std::string_view name) {
    const auto* const found = std::ranges::find(names, name, &Name::name);
    return found == names.end() ? Text{} : found->words(scene);
}

std::vector<std::string_view> known_names() {
    std::vector<std::string_view> all;
    all.reserve(names.size());
    for (const Name& name : names) all.push_back(name.name);
    return all;
}

}  // namespace tollgate::delivery
