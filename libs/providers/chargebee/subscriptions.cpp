#include "providers/chargebee/event_reading.hpp"
#include "providers/fill.hpp"
#include "providers/recurring.hpp"

namespace tollgate::providers::chargebee {

namespace {

constexpr std::size_t items_max = 100;

// The plan among the items; subscriptions of sites that have no items name it themselves.
void read_plan(const Place& subscription, v1::PaymentEvent& event) {
    auto& plan = *event.mutable_plan();
    plan.set_interval(interval_of(subscription.text("/billing_period_unit")));
    plan.set_interval_count(subscription.count("/billing_period"));
    plan.set_id(subscription.text("/plan_id"));
    event.set_quantity(subscription.count("/plan_quantity"));
    put(amount(subscription, "/plan_unit_price"), plan, &v1::Plan::mutable_price);
    for (std::size_t i = 0; i < items_max; ++i) {
        const Place item = subscription.at("/subscription_items", i);
        if (!item.has("/item_price_id")) return;
        if (item.text("/item_type") != "plan") continue;
        plan.set_id(item.text("/item_price_id"));
        event.set_quantity(item.count("/quantity"));
        put(amount(subscription, fmt::format("/subscription_items/{}/unit_price", i)), plan,
            &v1::Plan::mutable_price);
        return;
    }
}

// By the list, whatever its state. What is charged once is in it only where it stands beside the plan.
std::optional<Money> list_revenue(const Place& subscription, const v1::Plan& plan) {
    auto all = amount(subscription, "/plan_amount");
    for (std::size_t i = 0; i < items_max; ++i) {
        const Place item = subscription.at("/subscription_items", i);
        if (!item.has("/item_price_id")) break;
        const auto price = amount(subscription, fmt::format("/subscription_items/{}/amount", i));
        if (!price || item.text("/item_type") == "charge") continue;
        const auto sum = all ? add(*all, *price) : Result<Money>{*price};
        if (!sum) return std::nullopt;
        all = *sum;
    }
    return all ? monthly(*all, 1, plan.interval(), plan.interval_count()) : std::nullopt;
}

bool pays(std::string_view status) {
    return status == "active" || status == "non_renewing";
}

bool begins(v1::Fact fact) {
    return fact == v1::FACT_SUBSCRIPTION_CREATED || fact == v1::FACT_SUBSCRIPTION_ACTIVATED ||
           fact == v1::FACT_TRIAL_STARTED;
}

// An event is the state after it; the one before is told by what kind of event it is, if at all.
void tell_revenue(const Place& subscription, v1::PaymentEvent& event) {
    const auto list = list_revenue(subscription, event.plan());
    auto now = amount(subscription, "/mrr");
    if (!now && list) now = pays(event.status()) ? *list : Money{.minor = 0, .currency = list->currency};
    if (!now) return;
    const Money nothing{.minor = 0, .currency = now->currency};
    if (begins(event.fact())) {
        tell_movement(event, nothing, *now, false);
    } else if (event.fact() == v1::FACT_SUBSCRIPTION_ENDED) {
        const auto ended = subscription.time("/cancelled_at");
        const auto trial = subscription.time("/trial_end");
        const bool has_paid = list && !(ended && trial && *ended <= *trial);
        tell_movement(event, has_paid ? *list : nothing, nothing, false);
    } else {
        write(*now, *event.mutable_mrr());
    }
}

}  // namespace

void read_subscription(const EventReading& reading) {
    const Place content = reading.body.at("/content");
    const Place subscription = content.at("/subscription");
    v1::PaymentEvent& event = reading.event;
    const std::string id = subscription.text("/id");
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, id);
    event.mutable_references()->set_subscription_id(id);
    event.mutable_references()->set_invoice_id(content.text("/invoice/id"));
    event.mutable_customer()->set_id(subscription.text("/customer_id"));
    read_customer_at(content.at("/customer"), event);
    event.set_status(subscription.text("/status"));
    const bool begins =
        event.fact() == v1::FACT_SUBSCRIPTION_CREATED || event.fact() == v1::FACT_SUBSCRIPTION_ACTIVATED;
    if (begins && event.status() == "in_trial") event.set_fact(v1::FACT_TRIAL_STARTED);
    read_plan(subscription, event);
    tell_revenue(subscription, event);
    put(subscription.time("/current_term_start"), *event.mutable_period(), &v1::Period::mutable_start);
    put(subscription.time("/current_term_end"), *event.mutable_period(), &v1::Period::mutable_end);
    put(subscription.time("/trial_end"), event, &v1::PaymentEvent::mutable_trial_end);
    auto ends = subscription.time("/cancelled_at");
    if (!ends && event.status() == "non_renewing") ends = subscription.time("/current_term_end");
    put(ends, event, &v1::PaymentEvent::mutable_ends_at);
    event.set_cancel_reason(subscription.first_text({"/cancel_reason_code", "/cancel_reason"}));
    event.set_provider_version(subscription.number("/resource_version"));
}

}  // namespace tollgate::providers::chargebee
