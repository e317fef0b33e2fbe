#include "delivery/layouts.hpp"

#include <algorithm>

#include "delivery/layout_rows.hpp"

namespace tollgate::delivery {

namespace {

constexpr RowTemplate subject_id{"Id", "{subject_id}"};
constexpr std::array other_rows{rows::subject, subject_id, rows::status, rows::customer_id,
                                rows::external_id};

constexpr Layout other{.name = "other",
                       .emoji = "🔔",
                       .neutral = {"[{provider}: {type}|{type}|{provider} sent an event|An event of an "
                                   "unknown kind][, {who}][, {amount}]",
                                   ""},
                       .rows = other_rows,
                       .priority = v1::PRIORITY_DIGEST,
                       .links = links::of_subject,
                       .one = "other event",
                       .many = "other events"};

bool holds(When when, const v1::PaymentEvent& event) {
    switch (when) {
        case When::first_payment:
            return event.has_history() && event.history().payments() == 0 && event.attempt() < 2;
        case When::recovered:
            return event.attempt() >= 2;
        case When::last_attempt:
            return event.attempts_max() > 0 && event.attempt() >= event.attempts_max() &&
                   !event.has_next_attempt();
        case When::always:
            break;
    }
    return true;
}

bool fits(const Layout& layout, const v1::PaymentEvent& event) {
    if (!layout.type_end.empty()) {
        return event.subject().kind() == v1::SUBJECT_KIND_MESSAGE &&
               event.provider_event_type().ends_with(layout.type_end);
    }
    return event.fact() != v1::FACT_UNSPECIFIED &&
           std::ranges::find(layout.facts, event.fact()) != layout.facts.end() && holds(layout.when, event);
}

}  // namespace

const Layout& layout_of(const v1::PaymentEvent& event) {
    for (const auto layouts : {payment_layouts(), money_back_layouts(), subscription_layouts(),
                               trial_layouts(), customer_layouts()}) {
        const auto found =
            std::ranges::find_if(layouts, [&](const Layout& layout) { return fits(layout, event); });
        if (found != layouts.end()) return *found;
    }
    return other;
}

bool tells_amounts(const Layout& layout) {
    return std::ranges::find(layout.rows, rows::amount_untold.value, &RowTemplate::value) !=
           layout.rows.end();
}

const Layout& other_layout() {
    return other;
}

}  // namespace tollgate::delivery
