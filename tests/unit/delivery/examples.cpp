#include "unit/delivery/examples.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <google/protobuf/text_format.h>

#include "core/clock.hpp"

namespace tollgate::test {

namespace {

// 1795230660 is Sat 21 Nov 2026, 03:11 UTC.
constexpr std::string_view acme = R"(
    provider: "stripe" mode: MODE_LIVE proof: PROOF_SIGNATURE provider_time { seconds: 1795230660 }
    customer { id: "cus_1" name: "Ada Lovelace" email: "ada@acme.com" }
    company { name: "Acme Corp" industry: "software" size: "51-200" location: "Vienna, Austria" }
    links { kind: LINK_KIND_SUBJECT url: "https://dashboard.stripe.com/x/1" }
    links { kind: LINK_KIND_CUSTOMER url: "https://dashboard.stripe.com/customers/cus_1" }
)";

struct Addition {
    std::string_view name;
    std::string_view text;
};

constexpr std::string_view pro = R"( plan { name: "Pro" interval: INTERVAL_YEAR } )";

constexpr auto payments = std::to_array<Addition>({
    {"payment_first",
     R"(fact: FACT_PAYMENT_SUCCEEDED category: CATEGORY_MONEY_IN subject { kind: SUBJECT_KIND_PAYMENT id: "pi_1" }
        amount { minor: 118800 currency: "USD" } plan { name: "Pro" interval: INTERVAL_YEAR } history { failures: 1 }
        card { brand: "visa" last_four: "4242" expiry_month: 3 expiry_year: 2027 })"},
    {"payment_recovered",
     R"(fact: FACT_INVOICE_PAID category: CATEGORY_MONEY_IN subject { kind: SUBJECT_KIND_INVOICE id: "in_1" }
        amount { minor: 9900 currency: "USD" } attempt: 3 attempts_max: 4 plan { name: "Pro" interval: INTERVAL_MONTH }
        references { invoice_number: "2026-0042" } history { payments: 14 lifetime_paid { minor: 831000 currency: "USD" } })"},
    {"payment",
     R"(fact: FACT_PAYMENT_SUCCEEDED category: CATEGORY_MONEY_IN subject { kind: SUBJECT_KIND_PAYMENT id: "pi_1" }
        amount { minor: 4200 currency: "EUR" } references { invoice_number: "2026-0042" order_id: "1042" }
        history { payments: 3 lifetime_paid { minor: 12600 currency: "EUR" } customer_since { seconds: 1750000000 } })"},
    {"payment_failed_last", R"(fact: FACT_INVOICE_PAYMENT_FAILED category: CATEGORY_MONEY_AT_RISK
        subject { kind: SUBJECT_KIND_INVOICE id: "in_1" } amount { minor: 9900 currency: "USD" } attempt: 4 attempts_max: 4
        failure_code: "insufficient_funds" mrr { minor: 9900 currency: "USD" } plan { name: "Pro" interval: INTERVAL_MONTH }
        card { brand: "visa" last_four: "4242" expiry_month: 3 expiry_year: 2027 }
        links { kind: LINK_KIND_INVOICE url: "https://invoice.stripe.com/i/1" }
        history { payments: 14 failures: 3 value_percentile: 96 customer_since { seconds: 1750000000 } })"},
    {"payment_failed", R"(fact: FACT_INVOICE_PAYMENT_FAILED category: CATEGORY_MONEY_AT_RISK
        subject { kind: SUBJECT_KIND_INVOICE id: "in_1" } amount { minor: 118800 currency: "USD" } attempt: 2 attempts_max: 4
        failure_reason: "insufficient funds" next_attempt { seconds: 1795680000 } mrr { minor: 9900 currency: "USD" }
        plan { name: "Pro" interval: INTERVAL_YEAR } card { brand: "visa" last_four: "4242" expiry_month: 3 expiry_year: 2027 }
        links { kind: LINK_KIND_INVOICE url: "https://invoice.stripe.com/i/1" }
        links { kind: LINK_KIND_UPDATE_CARD url: "https://billing.stripe.com/p/1" }
        history { payments: 14 failures: 1 lifetime_paid { minor: 831000 currency: "USD" } customer_since { seconds: 1758000000 } })"},
    {"payment_action_required", R"(fact: FACT_PAYMENT_ACTION_REQUIRED category: CATEGORY_MONEY_AT_RISK
        subject { kind: SUBJECT_KIND_INVOICE id: "in_1" } amount { minor: 118800 currency: "SEK" }
        links { kind: LINK_KIND_INVOICE url: "https://invoice.stripe.com/i/1" })"},
    {"payment_authorized",
     R"(fact: FACT_PAYMENT_AUTHORIZED provider: "razorpay" amount { minor: 25000000 currency: "INR" }
        subject { kind: SUBJECT_KIND_PAYMENT id: "pay_1" } references { order_id: "order_1" })"},
    {"payment_canceled",
     R"(fact: FACT_PAYMENT_CANCELED amount { minor: 4200 currency: "EUR" } subject { kind: SUBJECT_KIND_PAYMENT id: "pi_1" })"},
    {"payment_pending",
     R"(fact: FACT_PAYMENT_PENDING provider: "gocardless" amount { minor: 4200 currency: "GBP" } subject { kind: SUBJECT_KIND_PAYMENT id: "PM1" })"},
    {"checkout_completed",
     R"(fact: FACT_CHECKOUT_COMPLETED amount { minor: 118800 currency: "JPY" } subject { kind: SUBJECT_KIND_CHECKOUT id: "cs_1" }
        plan { name: "Pro" interval: INTERVAL_YEAR })"},
    {"invoice_created", R"(fact: FACT_INVOICE_CREATED amount { minor: 9900 currency: "USD" }
        subject { kind: SUBJECT_KIND_INVOICE id: "in_1" description: "Invoice 2026-0042" } references { invoice_number: "2026-0042" })"},
    {"invoice_uncollectible",
     R"(fact: FACT_INVOICE_UNCOLLECTIBLE amount { minor: 9900 currency: "USD" } subject { kind: SUBJECT_KIND_INVOICE id: "in_1" })"},
    {"invoice_voided",
     R"(fact: FACT_INVOICE_VOIDED amount { minor: 9900 currency: "USD" } subject { kind: SUBJECT_KIND_INVOICE id: "in_1" })"},
});

constexpr auto money_back = std::to_array<Addition>({
    {"refund",
     R"(fact: FACT_REFUND_SUCCEEDED category: CATEGORY_MONEY_OUT subject { kind: SUBJECT_KIND_REFUND id: "re_1" }
        amount { minor: 2000 currency: "USD" } amount_refunded { minor: 5000 currency: "USD" } failure_code: "requested_by_customer")"},
    {"refund_failed",
     R"(fact: FACT_REFUND_FAILED category: CATEGORY_MONEY_OUT subject { kind: SUBJECT_KIND_REFUND id: "re_1" }
        amount { minor: 2000 currency: "USD" } failure_code: "expired_or_canceled_card")"},
    {"dispute_opened",
     R"(fact: FACT_DISPUTE_OPENED category: CATEGORY_MONEY_OUT subject { kind: SUBJECT_KIND_DISPUTE id: "dp_1" }
        amount { minor: 42000 currency: "USD" } fee { minor: 1500 currency: "USD" } dispute_reason: "product_not_received"
        evidence_due { seconds: 1795850000 } card { brand: "mastercard" last_four: "4444" }
        history { payments: 2 disputes: 1 lifetime_paid { minor: 84000 currency: "USD" } })"},
    {"dispute_updated",
     R"(fact: FACT_DISPUTE_UPDATED subject { kind: SUBJECT_KIND_DISPUTE id: "dp_1" } amount { minor: 42000 currency: "USD" }
        status: "under_review" evidence_due { seconds: 1795850000 })"},
    {"dispute_won",
     R"(fact: FACT_DISPUTE_WON subject { kind: SUBJECT_KIND_DISPUTE id: "dp_1" } amount { minor: 42000 currency: "USD" })"},
    {"dispute_lost",
     R"(fact: FACT_DISPUTE_LOST subject { kind: SUBJECT_KIND_DISPUTE id: "dp_1" } amount { minor: 42000 currency: "USD" } fee { minor: 1500 currency: "USD" })"},
    {"payout",
     R"(fact: FACT_PAYOUT_PAID subject { kind: SUBJECT_KIND_PAYOUT id: "po_1" } amount { minor: 1234567 currency: "USD" })"},
    {"payout_failed",
     R"(fact: FACT_PAYOUT_FAILED subject { kind: SUBJECT_KIND_PAYOUT id: "po_1" } amount { minor: 1234567 currency: "USD" } failure_code: "account_closed")"},
});

constexpr auto subscriptions = std::to_array<Addition>({
    {"subscription_created",
     R"(fact: FACT_SUBSCRIPTION_CREATED mrr { minor: 9900 currency: "USD" } mrr_delta { minor: 9900 currency: "USD" }
        amount { minor: 118800 currency: "USD" } quantity: 12 period { end { seconds: 1826766660 } })"},
    {"subscription_activated", R"(fact: FACT_SUBSCRIPTION_ACTIVATED mrr { minor: 9900 currency: "USD" })"},
    {"subscription_upgraded",
     R"(fact: FACT_SUBSCRIPTION_UPGRADED previous_plan { name: "Basic" interval: INTERVAL_MONTH }
        mrr { minor: 9900 currency: "USD" } mrr_delta { minor: 7000 currency: "USD" } amount { minor: 3500 currency: "USD" })"},
    {"subscription_downgraded",
     R"(fact: FACT_SUBSCRIPTION_DOWNGRADED previous_plan { name: "Enterprise" interval: INTERVAL_MONTH }
        mrr { minor: 9900 currency: "USD" } mrr_delta { minor: -40000 currency: "USD" })"},
    {"subscription_updated",
     R"(fact: FACT_SUBSCRIPTION_UPDATED status: "active" quantity: 15 mrr { minor: 9900 currency: "USD" })"},
    {"subscription_renewed",
     R"(fact: FACT_SUBSCRIPTION_RENEWED provider: "chargify" amount { minor: 118800 currency: "USD" }
        period { end { seconds: 1826766660 } } history { payments: 3 customer_since { seconds: 1695000000 } })"},
    {"subscription_past_due",
     R"(fact: FACT_SUBSCRIPTION_PAST_DUE category: CATEGORY_MONEY_AT_RISK status: "past_due" mrr { minor: 9900 currency: "USD" })"},
    {"subscription_paused", R"(fact: FACT_SUBSCRIPTION_PAUSED mrr { minor: 9900 currency: "USD" })"},
    {"subscription_resumed", R"(fact: FACT_SUBSCRIPTION_RESUMED mrr { minor: 9900 currency: "USD" })"},
    {"subscription_cancel_scheduled",
     R"(fact: FACT_SUBSCRIPTION_CANCEL_SCHEDULED ends_at { seconds: 1796000000 } cancel_reason: "too_expensive"
        mrr { minor: 9900 currency: "USD" } mrr_effect: MRR_EFFECT_CHURN mrr_delta { minor: -9900 currency: "USD" }
        history { payments: 14 failures: 2 lifetime_paid { minor: 138600 currency: "USD" } customer_since { seconds: 1758000000 } })"},
    {"subscription_ended",
     R"(fact: FACT_SUBSCRIPTION_ENDED ends_at { seconds: 1795230660 } mrr_effect: MRR_EFFECT_CHURN mrr_delta { minor: -9900 currency: "USD" }
        history { payments: 14 lifetime_paid { minor: 138600 currency: "USD" } customer_since { seconds: 1758000000 } })"},
    {"subscription_reactivated",
     R"(fact: FACT_SUBSCRIPTION_REACTIVATED mrr { minor: 9900 currency: "USD" } mrr_delta { minor: 9900 currency: "USD" })"},
    {"trial_started",
     R"(fact: FACT_TRIAL_STARTED trial_end { seconds: 1796400000 } mrr { minor: 9900 currency: "USD" })"},
    {"trial_ending",
     R"(fact: FACT_TRIAL_ENDING trial_end { seconds: 1795490000 } mrr { minor: 9900 currency: "USD" } card { brand: "visa" last_four: "4242" })"},
});

constexpr auto others = std::to_array<Addition>({
    {"customer_created",
     R"(fact: FACT_CUSTOMER_CREATED provider: "shopify" subject { kind: SUBJECT_KIND_CUSTOMER id: "cus_1" } customer { country: "AT" })"},
    {"customer_updated",
     R"(fact: FACT_CUSTOMER_UPDATED subject { kind: SUBJECT_KIND_CUSTOMER id: "cus_1" })"},
    {"customer_deleted",
     R"(fact: FACT_CUSTOMER_DELETED subject { kind: SUBJECT_KIND_CUSTOMER id: "cus_1" })"},
    {"card_expiring",
     R"(fact: FACT_CARD_EXPIRING subject { kind: SUBJECT_KIND_CUSTOMER id: "cus_1" } mrr { minor: 9900 currency: "USD" }
        card { brand: "visa" last_four: "4242" expiry_month: 12 expiry_year: 2026 })"},
    {"mail_bounced",
     R"(provider: "resend" provider_event_type: "email.bounced" failure_reason: "There is no such mailbox."
        subject { kind: SUBJECT_KIND_MESSAGE id: "m1" description: "Your invoice 2026-0042" })"},
    {"mail_delivered",
     R"(provider: "resend" provider_event_type: "email.delivered" subject { kind: SUBJECT_KIND_MESSAGE id: "m1" })"},
    {"mail_delayed",
     R"(provider: "resend" provider_event_type: "email.delivery_delayed" subject { kind: SUBJECT_KIND_MESSAGE id: "m1" })"},
    {"mail_complained",
     R"(provider: "resend" provider_event_type: "email.complained" subject { kind: SUBJECT_KIND_MESSAGE id: "m1" })"},
    {"other",
     R"(provider_event_type: "radar.early_fraud_warning.created" category: CATEGORY_OTHER subject { id: "issfr_1" }
        amount { minor: 42000 currency: "USD" } attributes { name: "campaign" value: "black-friday" } attributes { name: "empty" })"},
    {"test_mode",
     R"(fact: FACT_PAYMENT_SUCCEEDED mode: MODE_TEST amount { minor: 1250 currency: "KWD" } subject { kind: SUBJECT_KIND_PAYMENT id: "pi_1" })"},
    {"advised",
     R"(fact: FACT_CHECKOUT_COMPLETED proof: PROOF_NONE priority: PRIORITY_TODAY advice: "Ship it before noon." amount { minor: 100 currency: "USD" })"},
    {"right_to_left",
     R"(fact: FACT_DISPUTE_OPENED company { name: "שלום בעמ" } customer { name: "" email: "" } amount { minor: 42000 currency: "ILS" })"},
    {"hostile",
     R"(fact: FACT_PAYMENT_SUCCEEDED company { name: "<!channel> *Acme* <https://evil.example|Corp> & @here `x`" }
        customer { name: "Bobby\n\"Tables\" #general https://evil.example" email: "a@b" } amount { minor: 100 currency: "USD" }
        plan { name: "gift_card_v2 ~off~ _now_" })"},
});

v1::PaymentEvent parsed(std::string_view text) {
    v1::PaymentEvent event;
    if (!google::protobuf::TextFormat::ParseFromString(std::string{text}, &event)) {
        throw std::runtime_error{"not an event: " + std::string{text}};
    }
    return event;
}

}  // namespace

v1::PaymentEvent event_of(std::string_view text) {
    v1::PaymentEvent event = parsed(acme);
    event.MergeFrom(parsed(text));
    return event;
}

std::vector<Example> examples() {
    std::vector<Example> all;
    const auto add = [&](std::span<const Addition> rows, std::string_view first = {}) {
        for (const auto& [name, text] : rows) {
            v1::PaymentEvent event = event_of(first);
            event.MergeFrom(parsed(text));
            all.push_back({.name = name, .event = std::move(event)});
        }
    };
    add(payments);
    add(money_back);
    const std::string subscribed =
        std::string{pro} + R"(subject { kind: SUBJECT_KIND_SUBSCRIPTION id: "sub_1" })";
    add(subscriptions, subscribed);
    add(others);
    // All that is told of it is what kind of event it is.
    v1::PaymentEvent bare;
    bare.set_fact(v1::FACT_INVOICE_PAYMENT_FAILED);
    all.push_back({.name = "bare_failure", .event = bare});
    all.push_back({.name = "bare", .event = {}});
    return all;
}

v1::PaymentEvent example(std::string_view name) {
    for (auto& [other, event] : examples()) {
        if (other == name) return event;
    }
    throw std::runtime_error{"no example is called " + std::string{name}};
}

delivery::Circumstances circumstances(delivery::Tone tone) {
    return {
        .tone = tone,
        .clock = {.now = parse_rfc3339("2026-11-21T03:15:00Z").value(), .utc_offset = std::chrono::hours{1}},
        .event_id = "019aa1b2-7c5a-7000-8000-0000c0ffee01",
        .event_url = "https://tollgate.example/events/019aa1b2-7c5a-7000-8000-0000c0ffee01",
        .why = "rule: all payments"};
}

}  // namespace tollgate::test
