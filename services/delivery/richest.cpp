#include "delivery/richest.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "delivery/compose.hpp"

namespace tollgate::delivery {

namespace {

// How much of what people ask for it knows. A checkout says less of a payment than the payment does.
int told_by(const v1::PaymentEvent& event) {
    return static_cast<int>(event.has_plan()) + static_cast<int>(event.has_card()) +
           static_cast<int>(event.has_amount()) + static_cast<int>(event.has_fee()) +
           static_cast<int>(event.has_next_attempt()) + static_cast<int>(event.attempt() > 0) +
           static_cast<int>(event.has_mrr()) + static_cast<int>(!event.failure_reason().empty()) +
           static_cast<int>(!event.customer().name().empty()) +
           static_cast<int>(!event.references().invoice_number().empty()) +
           static_cast<int>(event.has_history()) + static_cast<int>(!event.links().empty()) -
           (event.fact() == v1::FACT_CHECKOUT_COMPLETED ? 20 : 0);
}

void take_text(std::string& into, const std::string& from) {
    if (into.empty()) into = from;
}

void complete(v1::Customer& customer, const v1::Customer& other) {
    take_text(*customer.mutable_name(), other.name());
    take_text(*customer.mutable_email(), other.email());
    take_text(*customer.mutable_company(), other.company());
    take_text(*customer.mutable_country(), other.country());
    take_text(*customer.mutable_id(), other.id());
}

void complete(v1::References& ids, const v1::References& other) {
    take_text(*ids.mutable_payment_id(), other.payment_id());
    take_text(*ids.mutable_charge_id(), other.charge_id());
    take_text(*ids.mutable_invoice_id(), other.invoice_id());
    take_text(*ids.mutable_subscription_id(), other.subscription_id());
    take_text(*ids.mutable_order_id(), other.order_id());
    take_text(*ids.mutable_checkout_id(), other.checkout_id());
    take_text(*ids.mutable_external_id(), other.external_id());
    take_text(*ids.mutable_invoice_number(), other.invoice_number());
}

void complete_links(v1::PaymentEvent& event, const v1::PaymentEvent& other) {
    for (const v1::Link& link : other.links()) {
        const bool is_known = std::ranges::any_of(
            event.links(), [&](const v1::Link& mine) { return mine.kind() == link.kind(); });
        // Of two that are told as one, `the subject` is the first one's.
        if (!is_known && link.kind() != v1::LINK_KIND_SUBJECT) *event.add_links() = link;
    }
}

void complete(v1::PaymentEvent& event, const v1::PaymentEvent& other) {
    complete(*event.mutable_customer(), other.customer());
    complete(*event.mutable_references(), other.references());
    complete_links(event, other);
    if (!event.has_plan() && other.has_plan()) *event.mutable_plan() = other.plan();
    if (!event.has_card() && other.has_card()) *event.mutable_card() = other.card();
    if (!event.has_amount() && other.has_amount()) *event.mutable_amount() = other.amount();
    if (!event.has_fee() && other.has_fee()) *event.mutable_fee() = other.fee();
    if (!event.has_mrr() && other.has_mrr()) *event.mutable_mrr() = other.mrr();
    if (!event.has_period() && other.has_period()) *event.mutable_period() = other.period();
    if (!event.has_company() && other.has_company()) *event.mutable_company() = other.company();
    if (!event.has_history() && other.has_history()) *event.mutable_history() = other.history();
    if (!event.has_next_attempt() && other.has_next_attempt())
        *event.mutable_next_attempt() = other.next_attempt();
    if (event.attempt() == 0) event.set_attempt(other.attempt());
    if (event.attempts_max() == 0) event.set_attempts_max(other.attempts_max());
    take_text(*event.mutable_failure_reason(), other.failure_reason());
    take_text(*event.mutable_failure_code(), other.failure_code());
}

}  // namespace

v1::PaymentEvent told_as_one(std::span<const v1::PaymentEvent> siblings) {
    std::vector<const v1::PaymentEvent*> by_wealth;
    for (const v1::PaymentEvent& each : siblings) by_wealth.push_back(&each);
    // They stand in one array: of two that say as much the first.
    std::ranges::sort(by_wealth, {}, [](const v1::PaymentEvent* event) {
        return std::tuple{priority_of(*event), -told_by(*event), event};
    });
    v1::PaymentEvent told = *by_wealth.front();
    for (const v1::PaymentEvent* const other : by_wealth) {
        if (other != by_wealth.front()) complete(told, *other);
    }
    return told;
}

}  // namespace tollgate::delivery
