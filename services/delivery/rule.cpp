#include "delivery/rule.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/ranges.h>

#include "core/money.hpp"
#include "core/nearest.hpp"
#include "delivery/amounts.hpp"
#include "delivery/compose.hpp"
#include "delivery/layouts.hpp"
#include "delivery/readable.hpp"

namespace tollgate::delivery {

namespace {

constexpr std::array<std::string_view, 3> ways{"message", "digest", "nothing"};

std::vector<std::string_view> layout_names() {
    std::vector<std::string_view> names;
    for (const auto layouts : {payment_layouts(), money_back_layouts(), subscription_layouts(),
                               trial_layouts(), customer_layouts()}) {
        for (const Layout& layout : layouts) names.push_back(layout.name);
    }
    names.push_back(other_layout().name);
    return names;
}

std::vector<std::string_view> category_names() {
    std::vector<std::string_view> names;
    for (const auto category : {v1::CATEGORY_MONEY_IN, v1::CATEGORY_MONEY_AT_RISK, v1::CATEGORY_MONEY_OUT,
                                v1::CATEGORY_SUBSCRIPTION, v1::CATEGORY_CUSTOMER, v1::CATEGORY_OTHER})
        names.push_back(events::name(category));
    return names;
}

bool is_one_of(const std::vector<std::string>& wanted, std::string_view word) {
    return std::ranges::find(wanted, word) != wanted.end();
}

bool is_of_type(const std::vector<std::string>& types, const v1::PaymentEvent& event) {
    return is_one_of(types, layout_of(event).name) || is_one_of(types, event.provider_event_type()) ||
           is_one_of(types, events::raw_type(event.provider(), event.provider_event_type()));
}

std::string mode_of(const v1::PaymentEvent& event) {
    return event.mode() == v1::MODE_TEST ? "test" : "live";
}

std::optional<std::string> why_too_little(const archive::Amount& minimum, const v1::PaymentEvent& event) {
    if (!event.has_amount()) return "it has no amount";
    if (event.amount().currency() != minimum.currency)
        return fmt::format("it is in {}, and not in {}", one_line(event.amount().currency()),
                           minimum.currency);
    if (event.amount().minor() >= minimum.minor) return std::nullopt;
    v1::Money least;
    least.set_minor(minimum.minor);
    least.set_currency(minimum.currency);
    return fmt::format("{} is less than {}", amount_text(event.amount()), amount_text(least));
}

}  // namespace

std::string_view name(Way way) {
    return ways.at(static_cast<std::size_t>(way));
}

Result<Way> parse_way(std::string_view text) {
    const auto* const found = std::ranges::find(ways, text);
    if (found != ways.end()) return static_cast<Way>(found - ways.begin());
    return fail(ErrorCode::invalid, "\"{}\" is no way to tell of an event: there are {}{}", text,
                fmt::join(ways, ", "), did_you_mean(text, ways));
}

std::optional<std::string> why_not(const Rule& rule, const v1::PaymentEvent& event) {
    const std::string_view category = events::name(event.category());
    if (!rule.categories.empty() && !is_one_of(rule.categories, category))
        return fmt::format("its category is {}", category);
    if (!rule.types.empty() && !is_of_type(rule.types, event)) {
        return fmt::format("its type is {} ({})", layout_of(event).name,
                           one_line(events::raw_type(event.provider(), event.provider_event_type())));
    }
    if (!rule.mode.empty() && rule.mode != mode_of(event)) return fmt::format("it is {}", mode_of(event));
    if (rule.priority && priority_of(event) > *rule.priority)
        return fmt::format("its priority is {}", static_cast<int>(priority_of(event)));
    if (!rule.plan.empty() && rule.plan != event.plan().name() && rule.plan != event.plan().id()) {
        const std::string plan = one_line(event.plan().name());
        return plan.empty() ? "it names no plan" : fmt::format("its plan is \"{}\"", plan);
    }
    return rule.minimum ? why_too_little(*rule.minimum, event) : std::nullopt;
}

const Rule* first_fit(std::span<const Rule> rules, const v1::PaymentEvent& event) {
    const auto found =
        std::ranges::find_if(rules, [&](const Rule& rule) { return !why_not(rule, event).has_value(); });
    return found == rules.end() ? nullptr : &*found;
}

Result<void> check(const Rule& rule) {
    const auto categories = category_names();
    for (const std::string& category : rule.categories) {
        if (std::ranges::find(categories, category) == categories.end()) {
            return fail(ErrorCode::invalid, "\"{}\" is no category: there are {}{}", category,
                        fmt::join(categories, ", "), did_you_mean(category, categories));
        }
    }
    const auto types = layout_names();
    for (const std::string& type : rule.types) {
        if (type.find_first_of(" \t\n") != std::string::npos)
            return fail(ErrorCode::invalid, "\"{}\" is no type of event: there is a blank in it", type);
        // A provider's own name of a type has a dot, or a slash, in it.
        if (type.find_first_of("./") != std::string::npos || std::ranges::find(types, type) != types.end())
            continue;
        return fail(ErrorCode::invalid,
                    "\"{}\" is no type of event{}: there are {}, and the providers' own, like "
                    "stripe.invoice.paid",
                    type, did_you_mean(type, types), fmt::join(types, ", "));
    }
    if (!rule.mode.empty() && rule.mode != "live" && rule.mode != "test")
        return fail(ErrorCode::invalid, "\"{}\" is no mode of events: there are live and test", rule.mode);
    const bool is_group = rule.mention.size() > 1 && rule.mention.front() == 'S' &&
                          std::ranges::all_of(rule.mention, [](char c) {
                              return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
                          });
    if (!rule.mention.empty() && !is_group) {
        return fail(ErrorCode::invalid,
                    "\"{}\" cannot be mentioned: the id of a user group can, like S0123ABCD", rule.mention);
    }
    if (!rule.minimum) return {};
    if (const auto currency = Currency::parse(rule.minimum->currency); !currency)
        return std::unexpected{currency.error()};
    return {};
}

}  // namespace tollgate::delivery
