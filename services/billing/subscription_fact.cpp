#include "billing/subscription_fact.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "archive/payment_reading.hpp"

namespace tollgate::billing {

namespace {

using events::PaymentEvent;

// Those of all providers, as each spells them; the last word is ours. What is pending for Razorpay has not
// been paid, and for Square not begun.
constexpr auto words = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"trialing", "trialing"},
    {"active", "active"},
    {"past_due", "past_due"},
    {"unpaid", "unpaid"},
    {"paused", "paused"},
    {"canceled", "cancelled"},
    {"cancelled", "cancelled"},
    {"incomplete", "incomplete"},
    {"incomplete_expired", "cancelled"},
    {"assessing", "active"},
    {"soft_failure", "past_due"},
    {"awaiting_signup", "incomplete"},
    {"pending_cancellation", "active"},
    {"pending_renewal", "active"},
    {"on_hold", "paused"},
    {"suspended", "paused"},
    {"expired", "cancelled"},
    {"trial_ended", "cancelled"},
    {"failed_to_create", "cancelled"},
    {"created", "incomplete"},
    {"authenticated", "incomplete"},
    {"pending", "past_due"},
    {"halted", "unpaid"},
    {"completed", "cancelled"},
    {"resumed", "active"},
    {"in_trial", "trialing"},
    {"future", "incomplete"},
    {"non_renewing", "active"},
    {"non-renewing", "active"},
    {"attention", "past_due"},
    {"complete", "cancelled"},
    {"transferred", "cancelled"},
    {"ACTIVE", "active"},
    {"APPROVAL_PENDING", "incomplete"},
    {"APPROVED", "incomplete"},
    {"CANCELED", "cancelled"},
    {"CANCELLED", "cancelled"},
    {"DEACTIVATED", "unpaid"},
    {"EXPIRED", "cancelled"},
    {"PAUSED", "paused"},
    {"PENDING", "incomplete"},
    {"SUSPENDED", "paused"},
});

// Where the provider has no word for it.
constexpr std::array<std::pair<v1::Fact, std::string_view>, 11> standings{{
    {v1::FACT_TRIAL_STARTED, "trialing"},
    {v1::FACT_SUBSCRIPTION_ACTIVATED, "active"},
    {v1::FACT_SUBSCRIPTION_UPGRADED, "active"},
    {v1::FACT_SUBSCRIPTION_DOWNGRADED, "active"},
    {v1::FACT_SUBSCRIPTION_RENEWED, "active"},
    {v1::FACT_SUBSCRIPTION_RESUMED, "active"},
    {v1::FACT_SUBSCRIPTION_REACTIVATED, "active"},
    {v1::FACT_SUBSCRIPTION_RENEWAL_FAILED, "past_due"},
    {v1::FACT_SUBSCRIPTION_PAST_DUE, "past_due"},
    {v1::FACT_SUBSCRIPTION_PAUSED, "paused"},
    {v1::FACT_SUBSCRIPTION_ENDED, "cancelled"},
}};

struct InvoiceRow {
    v1::Fact fact;
    std::string_view status;
    std::int16_t rank;
};
constexpr std::array<InvoiceRow, 5> invoice_rows{{
    {v1::FACT_INVOICE_CREATED, "open", 0},
    {v1::FACT_INVOICE_PAYMENT_FAILED, "failed", 1},
    {v1::FACT_INVOICE_UNCOLLECTIBLE, "uncollectible", 2},
    {v1::FACT_INVOICE_PAID, "paid", 3},
    {v1::FACT_INVOICE_VOIDED, "void", 4},
}};

bool is_of_subscription(v1::Fact fact) {
    return fact >= v1::FACT_SUBSCRIPTION_CREATED && fact <= v1::FACT_TRIAL_ENDING;
}

std::int64_t version_of(const PaymentEvent& event) {
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(event.provider_version(), std::numeric_limits<std::int64_t>::max()));
}

std::string id_of(const std::string& reference, const PaymentEvent& event, v1::SubjectKind kind) {
    if (!reference.empty()) return archive::indexed(reference);
    return event.subject().kind() == kind ? archive::indexed(event.subject().id()) : std::string{};
}

std::string_view status_of(const PaymentEvent& event) {
    // Whatever its word for it is: it has ended.
    if (event.fact() == v1::FACT_SUBSCRIPTION_ENDED) return "cancelled";
    if (const auto known = standing(event.status()); !known.empty()) return known;
    const auto* const found =
        std::ranges::find(standings, event.fact(), &std::pair<v1::Fact, std::string_view>::first);
    return found == standings.end() ? std::string_view{} : found->second;
}

// Nobody's revenue is beyond this, and differences and sums of it fit.
constexpr std::int64_t mrr_max = std::int64_t{1} << 53U;

std::optional<archive::Amount> mrr_of(const PaymentEvent& event) {
    auto mrr = archive::amount_of(event.mrr());
    if (mrr) mrr->minor = std::clamp(mrr->minor, -mrr_max, mrr_max);
    return mrr;
}

std::int16_t rank_of(v1::Fact fact) {
    if (fact == v1::FACT_SUBSCRIPTION_CREATED || fact == v1::FACT_TRIAL_STARTED) return 0;
    return fact == v1::FACT_SUBSCRIPTION_ENDED ? 2 : 1;
}

}  // namespace

std::string_view standing(std::string_view word) {
    const auto* const found =
        std::ranges::find(words, word, &std::pair<std::string_view, std::string_view>::first);
    return found == words.end() ? std::string_view{} : found->second;
}

std::optional<SubscriptionFact> subscription_fact(const PaymentEvent& event, const Uuid& id,
                                                  Timestamp received) {
    if (!is_of_subscription(event.fact())) return std::nullopt;
    std::string subscription =
        id_of(event.references().subscription_id(), event, v1::SUBJECT_KIND_SUBSCRIPTION);
    if (subscription.empty()) return std::nullopt;
    SubscriptionFact fact{
        .event = id,
        .subscription = std::move(subscription),
        .at = archive::provider_time(event).value_or(received),
        .version = version_of(event),
        .rank = rank_of(event.fact()),
        .status = std::string{status_of(event)},
        .mrr = mrr_of(event),
        .plan = archive::without_zeros(event.plan().name().empty() ? event.plan().id() : event.plan().name()),
        .customer = archive::indexed(event.customer().id()),
        .provider_event = archive::indexed(event.provider_event_id())};
    if (fact.mrr && event.mrr_delta().currency() == fact.mrr->currency &&
        std::abs(event.mrr_delta().minor()) <= mrr_max)
        fact.before = fact.mrr->minor - event.mrr_delta().minor();
    if (event.quantity() > 0)
        fact.quantity = static_cast<std::int32_t>(
            std::min<std::uint32_t>(event.quantity(), std::numeric_limits<std::int32_t>::max()));
    fact.period_end = archive::time_of(event.period().end());
    if (event.has_ends_at()) fact.ends_at = archive::time_of(event.ends_at());
    fact.before_status = standing(event.previous_status());
    if (!fact.before_status.empty() && event.has_previous_ends_at())
        fact.before_ends_at = archive::time_of(event.previous_ends_at());
    return fact;
}

std::optional<InvoiceFact> invoice_fact(const PaymentEvent& event, const Uuid& id, Timestamp received) {
    const auto* const row = std::ranges::find(invoice_rows, event.fact(), &InvoiceRow::fact);
    if (row == invoice_rows.end()) return std::nullopt;
    std::string invoice = id_of(event.references().invoice_id(), event, v1::SUBJECT_KIND_INVOICE);
    if (invoice.empty()) return std::nullopt;
    return InvoiceFact{.event = id,
                       .invoice = std::move(invoice),
                       .at = archive::provider_time(event).value_or(received),
                       .version = version_of(event),
                       .rank = row->rank,
                       .status = std::string{row->status},
                       .amount = archive::amount_of(event.amount()),
                       .number = archive::without_zeros(event.references().invoice_number()),
                       .customer = archive::indexed(event.customer().id()),
                       .subscription = archive::indexed(event.references().subscription_id()),
                       .next_attempt = archive::time_of(event.next_attempt()),
                       .provider_event = archive::indexed(event.provider_event_id())};
}

}  // namespace tollgate::billing
