#include "enrichment/judgement.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tollgate::enrichment {

namespace {

using events::PaymentEvent;

// Of the tenant's customers: the best tenth.
constexpr std::uint32_t big_customer_percentile = 90;
constexpr std::uint32_t payments_of_the_loyal = 12;

bool is_last_attempt(const PaymentEvent& payment) {
    return payment.attempts_max() > 0 && payment.attempt() >= payment.attempts_max() &&
           !payment.has_next_attempt();
}

bool is_big(const PaymentEvent& payment) {
    return payment.history().value_percentile() >= big_customer_percentile;
}

// What is not named is for the digest.
constexpr auto priorities = std::to_array<std::pair<v1::Fact, v1::Priority>>({
    {v1::FACT_DISPUTE_OPENED, v1::PRIORITY_ACT_NOW},
    {v1::FACT_PAYOUT_FAILED, v1::PRIORITY_ACT_NOW},
    {v1::FACT_REFUND_FAILED, v1::PRIORITY_ACT_NOW},
    {v1::FACT_PAYMENT_FAILED, v1::PRIORITY_TODAY},
    {v1::FACT_PAYMENT_ACTION_REQUIRED, v1::PRIORITY_TODAY},
    {v1::FACT_INVOICE_PAYMENT_FAILED, v1::PRIORITY_TODAY},
    {v1::FACT_INVOICE_UNCOLLECTIBLE, v1::PRIORITY_TODAY},
    {v1::FACT_DISPUTE_LOST, v1::PRIORITY_TODAY},
    {v1::FACT_SUBSCRIPTION_RENEWAL_FAILED, v1::PRIORITY_TODAY},
    {v1::FACT_SUBSCRIPTION_PAST_DUE, v1::PRIORITY_TODAY},
    {v1::FACT_SUBSCRIPTION_PAUSED, v1::PRIORITY_TODAY},
    {v1::FACT_SUBSCRIPTION_DOWNGRADED, v1::PRIORITY_TODAY},
    {v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED, v1::PRIORITY_TODAY},
    {v1::FACT_SUBSCRIPTION_ENDED, v1::PRIORITY_TODAY},
    {v1::FACT_TRIAL_ENDING, v1::PRIORITY_TODAY},
    {v1::FACT_CARD_EXPIRING, v1::PRIORITY_TODAY},
    {v1::FACT_PAYMENT_SUCCEEDED, v1::PRIORITY_INFORMATION},
    {v1::FACT_PAYMENT_AUTHORIZED, v1::PRIORITY_INFORMATION},
    {v1::FACT_PAYMENT_CANCELED, v1::PRIORITY_INFORMATION},
    {v1::FACT_CHECKOUT_COMPLETED, v1::PRIORITY_INFORMATION},
    {v1::FACT_REFUND_SUCCEEDED, v1::PRIORITY_INFORMATION},
    {v1::FACT_DISPUTE_UPDATED, v1::PRIORITY_INFORMATION},
    {v1::FACT_DISPUTE_WON, v1::PRIORITY_INFORMATION},
    {v1::FACT_SUBSCRIPTION_CREATED, v1::PRIORITY_INFORMATION},
    {v1::FACT_SUBSCRIPTION_ACTIVATED, v1::PRIORITY_INFORMATION},
    {v1::FACT_SUBSCRIPTION_UPGRADED, v1::PRIORITY_INFORMATION},
    {v1::FACT_SUBSCRIPTION_RESUMED, v1::PRIORITY_INFORMATION},
    {v1::FACT_SUBSCRIPTION_REACTIVATED, v1::PRIORITY_INFORMATION},
    {v1::FACT_TRIAL_STARTED, v1::PRIORITY_INFORMATION},
    {v1::FACT_INVOICE_PAID, v1::PRIORITY_INFORMATION},
    {v1::FACT_INVOICE_VOIDED, v1::PRIORITY_INFORMATION},
    {v1::FACT_CUSTOMER_DELETED, v1::PRIORITY_INFORMATION},
});

struct Advice {
    v1::Fact fact;
    bool (*when)(const PaymentEvent& payment);
    std::string_view sentence;
};

// The first that fits.
constexpr auto advices = std::to_array<Advice>({
    {v1::FACT_DISPUTE_OPENED, [](const PaymentEvent& payment) { return payment.history().disputes() > 0; },
     "They have disputed before: answer in time, and decide whether they may go on buying."},
    {v1::FACT_DISPUTE_OPENED,
     [](const PaymentEvent& payment) { return payment.history().payments() >= payments_of_the_loyal; },
     "They have paid many times: write to them before you answer, it may be a mistake."},
    {v1::FACT_PAYMENT_FAILED,
     [](const PaymentEvent& payment) {
         return payment.has_history() && payment.history().payments() == 0 &&
                payment.history().failures() >= 2;
     },
     "No payment of theirs has ever worked: ask whether they need another way to pay."},
    {v1::FACT_PAYMENT_FAILED,
     [](const PaymentEvent& payment) {
         return payment.history().failures() == 0 && payment.history().payments() >= payments_of_the_loyal;
     },
     "They have always paid until now: a short note is likely to settle it."},
    {v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED,
     [](const PaymentEvent& payment) { return payment.history().payments() >= payments_of_the_loyal; },
     "They have been with you for long: call them, and ask what has changed."},
    {v1::FACT_REFUND_SUCCEEDED, [](const PaymentEvent& payment) { return payment.history().disputes() > 0; },
     "They have disputed before: check that this money is not given back twice."},
});

}  // namespace

v1::Priority priority_of(const PaymentEvent& payment) {
    const bool at_risk = payment.category() == v1::CATEGORY_MONEY_AT_RISK;
    if (at_risk && (is_last_attempt(payment) || is_big(payment))) return v1::PRIORITY_ACT_NOW;
    const auto* const found =
        std::ranges::find(priorities, payment.fact(), &std::pair<v1::Fact, v1::Priority>::first);
    return found == priorities.end() ? v1::PRIORITY_DIGEST : found->second;
}

std::string_view advice_of(const PaymentEvent& payment) {
    const auto* const found = std::ranges::find_if(
        advices, [&](const Advice& advice) { return advice.fact == payment.fact() && advice.when(payment); });
    return found == advices.end() ? std::string_view{} : found->sentence;
}

}  // namespace tollgate::enrichment
