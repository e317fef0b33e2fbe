#include "providers/fill.hpp"
#include "providers/paddle/event_reading.hpp"
#include "providers/recurring.hpp"

namespace tollgate::providers::paddle {

namespace {

constexpr std::size_t items_max = 100;  // as many as Paddle takes

v1::Plan plan_of(const Place& item) {
    const Place price = item.at("/price");
    v1::Plan plan;
    plan.set_id(price.text("/id"));
    plan.set_name(price.first_text({"/name", "/description"}));
    if (plan.name().empty()) plan.set_name(item.text("/product/name"));
    plan.set_interval(interval_of(price.text("/billing_cycle/interval")));
    plan.set_interval_count(price.count("/billing_cycle/frequency"));
    put(amount(price.at("/unit_price"), "/amount"), plan, &v1::Plan::mutable_price);
    return plan;
}

// By the list, whatever its state.
std::optional<Money> list_revenue(const Place& data) {
    std::optional<Money> all;
    for (std::size_t i = 0; i < items_max; ++i) {
        const Place item = data.at("/items", i);
        if (!item.has("/price")) break;
        const Place price = item.at("/price");
        const auto unit = amount(price.at("/unit_price"), "/amount");
        if (!unit || !price.has("/billing_cycle")) continue;
        const auto month = monthly(*unit, item.has("/quantity") ? item.count("/quantity") : 1,
                                   interval_of(price.text("/billing_cycle/interval")),
                                   price.count("/billing_cycle/frequency"));
        if (!month) continue;
        const auto sum = all ? add(*all, *month) : Result<Money>{*month};
        if (!sum) return std::nullopt;
        all = *sum;
    }
    return all;
}

// An event is the state after it, and does not tell the one before.
void tell_revenue(const Place& data, v1::PaymentEvent& event) {
    auto list = list_revenue(data);
    if (!list) return;
    const Money nothing{.minor = 0, .currency = list->currency};
    const bool pays = event.status() == "active" || event.status() == "past_due";
    if (event.fact() == v1::FACT_SUBSCRIPTION_CREATED || event.fact() == v1::FACT_TRIAL_STARTED) {
        tell_movement(event, nothing, pays ? *list : nothing, false);
    } else {
        write(pays ? *list : nothing, *event.mutable_mrr());
    }
}

}  // namespace

void read_subscription(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    const std::string id = data.text("/id");
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, id);
    auto& references = *event.mutable_references();
    references.set_subscription_id(id);
    references.set_payment_id(data.text("/transaction_id"));
    event.mutable_customer()->set_id(data.text("/customer_id"));
    event.set_status(data.text("/status"));
    if (event.fact() == v1::FACT_SUBSCRIPTION_CREATED && event.status() == "trialing")
        event.set_fact(v1::FACT_TRIAL_STARTED);
    *event.mutable_plan() = plan_of(data.at("/items/0"));
    event.set_quantity(data.count("/items/0/quantity"));
    auto& period = *event.mutable_period();
    put(data.time("/current_billing_period/starts_at"), period, &v1::Period::mutable_start);
    put(data.time("/current_billing_period/ends_at"), period, &v1::Period::mutable_end);
    put(data.time("/items/0/trial_dates/ends_at"), event, &v1::PaymentEvent::mutable_trial_end);
    auto ends = data.time("/canceled_at");
    if (!ends && data.text("/scheduled_change/action") == "cancel") {
        ends = data.time("/scheduled_change/effective_at");
        if (event.fact() == v1::FACT_SUBSCRIPTION_UPDATED)
            event.set_fact(v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED);
    }
    put(ends, event, &v1::PaymentEvent::mutable_ends_at);
    if (event.status() == "past_due")
        put(data.time("/next_billed_at"), event, &v1::PaymentEvent::mutable_next_attempt);
    tell_revenue(data, event);
    add_link(event, v1::LINK_KIND_UPDATE_CARD, data.text("/management_urls/update_payment_method"));
    data.attributes("/custom_data", event);
}

}  // namespace tollgate::providers::paddle
