#include <algorithm>
#include <array>
#include <utility>

#include "providers/fill.hpp"
#include "providers/recurring.hpp"
#include "providers/stripe/event_reading.hpp"

namespace tollgate::providers::stripe {

namespace {

struct StatusRow {
    std::string_view status;
    bool pays;  // counts as recurring revenue, as Stripe's own reports have it
    bool ran;   // paid once, and has stopped
    v1::Category category;
    v1::Fact fact;  // of coming into it
};
constexpr std::array<StatusRow, 8> statuses{{
    {"trialing", false, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_TRIAL_STARTED},
    {"active", true, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ACTIVATED},
    {"past_due", true, false, v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE},
    {"unpaid", false, true, v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE},
    {"paused", false, true, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED},
    {"canceled", false, true, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED},
    {"incomplete", false, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED},
    {"incomplete_expired", false, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED},
}};

const StatusRow* row_of(std::string_view status) {
    const auto* const found = std::ranges::find(statuses, status, &StatusRow::status);
    return found == statuses.end() ? nullptr : found;
}

// States of one subscription within one second.
std::uint64_t version_of(std::string_view type) {
    if (type.ends_with(".created")) return 1;
    return type.ends_with(".deleted") ? 3 : 2;
}

std::optional<Money> list_revenue(const Place& subscription) {
    if (subscription.has("/items/data/0")) return monthly_of_items(subscription.at("/items"));
    if (!subscription.has("/plan")) return std::nullopt;
    return monthly_of_plan(subscription.at("/plan"),
                           subscription.has("/quantity") ? subscription.count("/quantity") : 1);
}

// What it brought by list before the update. An update names what has changed, and as it was.
std::optional<Money> list_revenue_before(const Reading& reading) {
    const Place& before = reading.before;
    if (before.has("/items/data/0")) return monthly_of_items(before.at("/items"));
    if (!before.has("/plan") && !before.has("/quantity")) return list_revenue(reading.object);
    const Place plan = (before.has("/plan") ? before : reading.object).at("/plan");
    const Place& quantity = before.has("/quantity") ? before : reading.object;
    if (!plan.has("/id")) return std::nullopt;
    return monthly_of_plan(plan, quantity.has("/quantity") ? quantity.count("/quantity") : 1);
}

Money paying(Money list, const StatusRow& row) {
    if (!row.pays) list.minor = 0;
    return list;
}

// Of pausing and the like an update tells too: only there it is a movement, so that none is counted twice.
void tell_revenue(const Reading& reading) {
    const auto list = list_revenue(reading.object);
    if (!list) return;
    // Of a status that we do not know nobody knows whether it pays.
    const std::string status = reading.object.text("/status");
    const std::string earlier = reading.before.text("/status");
    const auto* const row = row_of(status);
    const auto* const row_before = row_of(earlier.empty() ? status : earlier);
    if (row == nullptr || row_before == nullptr) return;
    const Money nothing{.minor = 0, .currency = list->currency};
    const Money after = paying(*list, *row);
    if (reading.type.ends_with(".created")) {
        tell_movement(reading.event, nothing, after, false);
    } else if (reading.type.ends_with(".deleted")) {
        // The status before is not told. What ends with its trial has never paid.
        const auto ended = reading.object.time("/ended_at");
        const auto trial = reading.object.time("/trial_end");
        const bool in_trial = ended && trial && *ended <= *trial;
        tell_movement(reading.event, in_trial ? nothing : *list, nothing, false);
    } else if (reading.type.ends_with(".updated")) {
        const auto before = list_revenue_before(reading).transform(
            [&](const Money& listed) { return paying(listed, *row_before); });
        tell_movement(reading.event, before, after, row_before->ran);
    } else {
        tell_movement(reading.event, after, after, false);
    }
}

void read_plans(const Reading& reading) {
    const Place item = reading.object.at("/items/data/0");
    const Place price = item.has("/price/id")  ? item.at("/price")
                        : item.has("/plan/id") ? item.at("/plan")
                                               : reading.object.at("/plan");
    *reading.event.mutable_plan() = plan_of(price);
    reading.event.set_quantity(item.has("/quantity") ? item.count("/quantity")
                                                     : reading.object.count("/quantity"));
    const Place item_before = reading.before.at("/items/data/0");
    const Place price_before = item_before.has("/price/id")  ? item_before.at("/price")
                               : item_before.has("/plan/id") ? item_before.at("/plan")
                                                             : reading.before.at("/plan");
    // An update of the quantity alone names the items with the plan that they had and have.
    const std::string id = price_before.text("/id");
    if (!id.empty() && id != price.text("/id"))
        *reading.event.mutable_previous_plan() = plan_of(price_before);
}

// `said_by(field)` is what says the field.
template <typename SaidBy>
std::optional<Timestamp> end_of(const SaidBy& said_by) {
    const auto time = [&](std::string_view field) { return said_by(field).time(field); };
    if (const auto ended = time("/ended_at")) return ended;
    if (const auto at = time("/cancel_at")) return at;
    if (!said_by("/cancel_at_period_end").is_true("/cancel_at_period_end")) return std::nullopt;
    const auto period_end = time("/current_period_end");
    return period_end ? period_end : time("/items/data/0/current_period_end");
}

void read_dates(const Reading& reading) {
    const Place& subscription = reading.object;
    const Place item = subscription.at("/items/data/0");
    const Place& period = subscription.has("/current_period_end") ? subscription : item;
    auto& to = *reading.event.mutable_period();
    put(period.time("/current_period_start"), to, &v1::Period::mutable_start);
    put(period.time("/current_period_end"), to, &v1::Period::mutable_end);
    put(subscription.time("/trial_end"), reading.event, &v1::PaymentEvent::mutable_trial_end);
    put(end_of([&](std::string_view) { return subscription; }), reading.event,
        &v1::PaymentEvent::mutable_ends_at);
}

// How it stood before an update, which names what has changed, and as it was; the rest was as it is.
void read_standing_before(const Reading& reading) {
    if (!reading.before.has("")) return;
    const auto as_it_was = [&](std::string_view field) {
        return reading.before.names(field) ? reading.before : reading.object;
    };
    reading.event.set_previous_status(as_it_was("/status").text("/status"));
    if (reading.event.previous_status().empty()) return;
    put(end_of(as_it_was), reading.event, &v1::PaymentEvent::mutable_previous_ends_at);
}

struct Change {
    v1::Category category;
    v1::Fact fact;
};

// The change that matters most to people, where an update has several.
std::optional<Change> change_of(const Reading& reading) {
    const Place& now = reading.object;
    const Place& before = reading.before;
    const std::string was = before.text("/status");
    const auto* const row = row_of(now.text("/status"));
    if (!was.empty() && row != nullptr && was != row->status) {
        const auto* const old = row_of(was);
        if (row->fact != v1::FACT_SUBSCRIPTION_ACTIVATED || was == "trialing" || was == "incomplete")
            return Change{row->category, row->fact};
        if (was == "paused") return Change{v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_RESUMED};
        if (old != nullptr && old->ran)
            return Change{v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_REACTIVATED};
    }
    const bool ends = now.is_true("/cancel_at_period_end") || now.has("/cancel_at");
    const bool would_end = before.is_true("/cancel_at_period_end") || before.has("/cancel_at");
    if (ends && !would_end && (before.names("/cancel_at_period_end") || before.names("/cancel_at"))) {
        return Change{v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED};
    }
    if (!ends && would_end) return Change{v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_REACTIVATED};
    if (before.names("/pause_collection")) {
        if (now.has("/pause_collection") && !before.has("/pause_collection"))
            return Change{v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED};
        if (!now.has("/pause_collection"))
            return Change{v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_RESUMED};
    }
    if (reading.event.mrr_effect() == v1::MRR_EFFECT_EXPANSION)
        return Change{v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPGRADED};
    if (reading.event.mrr_effect() == v1::MRR_EFFECT_CONTRACTION)
        return Change{v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_DOWNGRADED};
    return std::nullopt;
}

}  // namespace

void read_subscription(const Reading& reading) {
    const Place& subscription = reading.object;
    v1::PaymentEvent& event = reading.event;
    const std::string id = subscription.text("/id");
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, id, subscription.text("/description"));
    event.mutable_references()->set_subscription_id(id);
    event.mutable_references()->set_invoice_id(subscription.id("/latest_invoice"));
    event.set_status(subscription.text("/status"));
    if (reading.type.ends_with(".created") && event.status() == "trialing")
        event.set_fact(v1::FACT_TRIAL_STARTED);
    event.set_provider_version(version_of(reading.type));
    read_plans(reading);
    read_dates(reading);
    tell_revenue(reading);
    event.set_cancel_reason(subscription.first_text(
        {"/cancellation_details/comment", "/cancellation_details/feedback", "/cancellation_details/reason"}));
    link_to(reading, v1::LINK_KIND_SUBJECT, "subscriptions", id);
    read_customer_id(reading);
    read_person(subscription.at("/customer"), *event.mutable_customer());
    read_card(subscription.at("/default_payment_method/card"), event);
    subscription.attributes("/metadata", event);
}

void read_updated_subscription(const Reading& reading) {
    read_subscription(reading);
    read_standing_before(reading);
    const auto change = change_of(reading);
    if (!change) return;
    reading.event.set_category(change->category);
    reading.event.set_fact(change->fact);
}

}  // namespace tollgate::providers::stripe
