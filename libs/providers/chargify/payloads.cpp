#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "providers/chargify/event_reading.hpp"
#include "providers/fill.hpp"
#include "providers/recurring.hpp"

namespace tollgate::providers::chargify {

namespace {

struct StateRow {
    std::string_view state;
    bool pays;  // counts as recurring revenue
    bool ran;   // paid once, and has stopped
    v1::Category category;
    v1::Fact fact;  // of coming into it
};
constexpr std::array<StateRow, 13> states{{
    {"active", true, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ACTIVATED},
    {"assessing", true, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED},
    {"canceled", false, true, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED},
    {"expired", false, true, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED},
    {"failed_to_create", false, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED},
    {"on_hold", false, true, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED},
    {"past_due", true, false, v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE},
    {"paused", false, true, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED},
    {"soft_failure", true, false, v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE},
    {"suspended", false, true, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED},
    {"trial_ended", false, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED},
    {"trialing", false, false, v1::CATEGORY_SUBSCRIPTION, v1::FACT_TRIAL_STARTED},
    {"unpaid", false, true, v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE},
}};

const StateRow* row_of(std::string_view state) {
    const auto* const found = std::ranges::find(states, state, &StateRow::state);
    return found == states.end() ? nullptr : found;
}

v1::Plan plan_of(const Reading& reading, std::string_view product) {
    const auto field = [&](std::string_view name) { return fmt::format("{}[{}]", product, name); };
    v1::Plan plan;
    plan.set_id(reading.text(field("id")));
    plan.set_name(reading.text(field("name")));
    plan.set_interval(interval_of(reading.text(field("interval_unit"))));
    plan.set_interval_count(static_cast<std::uint32_t>(std::min<std::uint64_t>(
        reading.number(field("interval")), std::numeric_limits<std::uint32_t>::max())));
    put(reading.cents(field("price_in_cents")), plan, &v1::Plan::mutable_price);
    return plan;
}

std::optional<Money> revenue_of(const Reading& reading, std::string_view product) {
    const auto price = reading.cents(fmt::format("{}[price_in_cents]", product));
    if (!price) return std::nullopt;
    const v1::Plan plan = plan_of(reading, product);
    return monthly(*price, 1, plan.interval(), plan.interval_count());
}

Money paying(Money list, const StateRow& row) {
    if (!row.pays) list.minor = 0;
    return list;
}

void read_customer_at(const Reading& reading, std::string_view at) {
    const auto field = [&](std::string_view name) { return reading.text(fmt::format("{}[{}]", at, name)); };
    auto& customer = *reading.event().mutable_customer();
    customer.set_id(field("id"));
    customer.set_email(field("email"));
    customer.set_name(full_name(field("first_name"), field("last_name")));
    customer.set_company(field("organization"));
    customer.set_phone(field("phone"));
    customer.set_country(field("country"));
    customer.set_locale(field("locale"));
    reading.event().mutable_references()->set_external_id(field("reference"));
}

void read_card(const Reading& reading) {
    auto& card = *reading.event().mutable_card();
    card.set_brand(reading.text("[subscription][credit_card][card_type]"));
    card.set_last_four(last_four_of(reading.text("[subscription][credit_card][masked_card_number]")));
    if (card.last_four().empty())
        card.set_last_four(last_four_of(reading.text("[transaction][card_number]")));
    const auto month = reading.number("[subscription][credit_card][expiration_month]");
    const auto year = reading.number("[subscription][credit_card][expiration_year]");
    if (month <= 12) card.set_expiry_month(static_cast<std::uint32_t>(month));
    if (year <= 9999) card.set_expiry_year(static_cast<std::uint32_t>(year));
}

void read_dates(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    auto& period = *event.mutable_period();
    put(reading.time("[subscription][current_period_started_at]"), period, &v1::Period::mutable_start);
    put(reading.time("[subscription][current_period_ends_at]"), period, &v1::Period::mutable_end);
    put(reading.time("[subscription][trial_ended_at]"), event, &v1::PaymentEvent::mutable_trial_end);
    for (const std::string_view place :
         {"[subscription][canceled_at]", "[subscription][delayed_cancel_at]", "[subscription][expires_at]"}) {
        if (!event.has_ends_at()) put(reading.time(place), event, &v1::PaymentEvent::mutable_ends_at);
    }
    if (!event.has_ends_at() && reading.is_true("[subscription][cancel_at_end_of_period]")) {
        put(reading.time("[subscription][current_period_ends_at]"), event,
            &v1::PaymentEvent::mutable_ends_at);
    }
}

// The transaction is what the event is about; where there is none, so is the subscription.
void read_transaction(const Reading& reading, v1::SubjectKind kind) {
    v1::PaymentEvent& event = reading.event();
    const std::string id = reading.text("[transaction][id]");
    put(reading.cents("[transaction][amount_in_cents]"), event, &v1::PaymentEvent::mutable_amount);
    put(reading.time("[transaction][created_at]"), event, &v1::PaymentEvent::mutable_provider_time);
    if (!id.empty()) set_subject(event, kind, id, reading.text("[transaction][memo]"));
}

}  // namespace

void read_subscription(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    const std::string id = reading.text("[subscription][id]");
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, id);
    event.mutable_references()->set_subscription_id(id);
    event.set_status(reading.text("[subscription][state]"));
    event.set_cancel_reason(reading.text("[subscription][cancellation_message]"));
    *event.mutable_plan() = plan_of(reading, "[subscription][product]");
    read_dates(reading);
    read_customer_at(reading, "[subscription][customer]");
    read_card(reading);
    reading.link_to(v1::LINK_KIND_SUBSCRIPTION, "subscriptions", id);
    reading.link_to(v1::LINK_KIND_CUSTOMER, "customers", event.customer().id());
}

void read_payment(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    read_subscription(reading);
    read_transaction(reading, v1::SUBJECT_KIND_PAYMENT);
    event.mutable_references()->set_payment_id(reading.text("[transaction][id]"));
    // The gateway's own words stand in the memo of a payment that failed.
    if (event.category() == v1::CATEGORY_MONEY_AT_RISK) {
        event.set_failure_reason(reading.text("[transaction][memo]"));
    }
}

void read_renewal(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    read_payment(reading);
    // A renewal may cost nothing, and then no money has come in.
    const bool paid = event.has_amount() && event.amount().minor() > 0;
    if (event.category() == v1::CATEGORY_MONEY_IN && !paid) event.set_category(v1::CATEGORY_SUBSCRIPTION);
}

void read_refund(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    read_subscription(reading);
    read_transaction(reading, v1::SUBJECT_KIND_REFUND);
    event.mutable_references()->set_refund_id(reading.text("[transaction][id]"));
    event.mutable_references()->set_payment_id(reading.text("[transaction][payment_id]"));
    if (event.fact() == v1::FACT_REFUND_FAILED) {
        event.set_failure_reason(reading.text("[transaction][memo]"));
    }
}

void read_signup(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    read_subscription(reading);
    put(reading.cents("[transaction][amount_in_cents]"), event, &v1::PaymentEvent::mutable_amount);
    event.mutable_references()->set_payment_id(reading.text("[transaction][id]"));
    if (event.status() == "trialing") event.set_fact(v1::FACT_TRIAL_STARTED);
    const auto list = revenue_of(reading, "[subscription][product]");
    const auto* const row = row_of(event.status());
    if (!list || row == nullptr) return;
    tell_movement(event, Money{.minor = 0, .currency = list->currency}, paying(*list, *row), false);
}

void read_state_change(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    read_subscription(reading);
    put(reading.time("[subscription][updated_at]"), event, &v1::PaymentEvent::mutable_provider_time);
    const std::string told = reading.text("[subscription][previous_state]");
    const std::string was = told.empty() ? event.status() : told;
    const auto* const row = row_of(event.status());
    const auto* const before = row_of(was);
    if (row != nullptr && was != event.status()) {
        event.set_category(row->category);
        event.set_fact(row->fact);
        const bool again = row->fact == v1::FACT_SUBSCRIPTION_ACTIVATED && before != nullptr;
        if (again && before->fact == v1::FACT_SUBSCRIPTION_PAUSED)
            event.set_fact(v1::FACT_SUBSCRIPTION_RESUMED);
        if (again && before->fact == v1::FACT_SUBSCRIPTION_ENDED)
            event.set_fact(v1::FACT_SUBSCRIPTION_REACTIVATED);
        if (again && before->state == "unpaid") event.set_fact(v1::FACT_SUBSCRIPTION_REACTIVATED);
        // It never stopped.
        if (again && before->pays) event.set_fact(v1::FACT_SUBSCRIPTION_UPDATED);
    }
    const auto list = revenue_of(reading, "[subscription][product]");
    // Of a state that we do not know nobody knows whether it pays.
    if (!list || row == nullptr || before == nullptr) return;
    tell_movement(event, paying(*list, *before), paying(*list, *row), before->ran);
}

void read_product_change(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    read_subscription(reading);
    put(reading.time("[subscription][updated_at]"), event, &v1::PaymentEvent::mutable_provider_time);
    *event.mutable_previous_plan() = plan_of(reading, "[previous_product]");
    const auto list = revenue_of(reading, "[subscription][product]");
    const auto list_before = revenue_of(reading, "[previous_product]");
    const auto* const row = row_of(event.status());
    if (!list || row == nullptr) return;
    const auto before = list_before.transform([&](const Money& listed) { return paying(listed, *row); });
    tell_movement(event, before, paying(*list, *row), false);
    if (event.mrr_effect() == v1::MRR_EFFECT_EXPANSION) event.set_fact(v1::FACT_SUBSCRIPTION_UPGRADED);
    if (event.mrr_effect() == v1::MRR_EFFECT_CONTRACTION) event.set_fact(v1::FACT_SUBSCRIPTION_DOWNGRADED);
}

void read_pending_cancellation(const Reading& reading) {
    read_subscription(reading);
    const bool ends = reading.is_true("[subscription][cancel_at_end_of_period]") ||
                      reading.time("[subscription][delayed_cancel_at]").has_value();
    reading.event().set_fact(ends ? v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED
                                  : v1::FACT_SUBSCRIPTION_REACTIVATED);
}

void read_customer(const Reading& reading) {
    v1::PaymentEvent& event = reading.event();
    read_customer_at(reading, "[customer]");
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, event.customer().id());
    reading.link_to(v1::LINK_KIND_SUBJECT, "customers", event.customer().id());
}

void read_card_event(const Reading& reading) {
    read_subscription(reading);
    v1::PaymentEvent& event = reading.event();
    set_subject(event, v1::SUBJECT_KIND_CUSTOMER, event.customer().id());
}

}  // namespace tollgate::providers::chargify
