#include <algorithm>
#include <array>

#include "providers/event_table.hpp"
#include "providers/fill.hpp"
#include "providers/stripe/event_reading.hpp"
#include "providers/stripe/stripe.hpp"

namespace tollgate::providers::stripe {

namespace {

using EventRow = EventRowOf<Reading>;

constexpr auto events = std::to_array<EventRow>({
    {"charge.captured", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_charge},
    {"charge.dispute.closed", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"charge.dispute.created", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"charge.dispute.funds_reinstated", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_dispute},
    {"charge.dispute.funds_withdrawn", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"charge.dispute.updated", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"charge.expired", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_charge},
    {"charge.failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_charge},
    {"charge.pending", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_charge},
    {"charge.refund.updated", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"charge.refunded", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refunded_charge},
    {"charge.succeeded", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_charge},
    {"checkout.session.async_payment_failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED,
     read_checkout},
    {"checkout.session.async_payment_succeeded", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED,
     read_checkout},
    {"checkout.session.completed", v1::CATEGORY_OTHER, v1::FACT_CHECKOUT_COMPLETED, read_checkout},
    {"customer.created", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_CREATED, read_customer},
    {"customer.deleted", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_DELETED, read_customer},
    {"customer.source.expiring", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_CARD_EXPIRING, read_card_source},
    {"customer.subscription.created", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED,
     read_subscription},
    {"customer.subscription.deleted", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED,
     read_subscription},
    {"customer.subscription.paused", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED,
     read_subscription},
    {"customer.subscription.pending_update_applied", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED,
     read_subscription},
    {"customer.subscription.pending_update_expired", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED,
     read_subscription},
    {"customer.subscription.resumed", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_RESUMED,
     read_subscription},
    {"customer.subscription.trial_will_end", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_TRIAL_ENDING,
     read_subscription},
    {"customer.subscription.updated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED,
     read_updated_subscription},
    {"customer.updated", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_customer},
    {"invoice.created", v1::CATEGORY_OTHER, v1::FACT_INVOICE_CREATED, read_invoice},
    {"invoice.finalized", v1::CATEGORY_OTHER, v1::FACT_INVOICE_CREATED, read_invoice},
    {"invoice.marked_uncollectible", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_INVOICE_UNCOLLECTIBLE,
     read_invoice},
    {"invoice.paid", v1::CATEGORY_MONEY_IN, v1::FACT_INVOICE_PAID, read_invoice},
    {"invoice.payment_action_required", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_ACTION_REQUIRED,
     read_invoice},
    {"invoice.payment_failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_INVOICE_PAYMENT_FAILED, read_invoice},
    {"invoice.payment_succeeded", v1::CATEGORY_MONEY_IN, v1::FACT_INVOICE_PAID, read_invoice},
    {"invoice.voided", v1::CATEGORY_OTHER, v1::FACT_INVOICE_VOIDED, read_invoice},
    {"invoice_payment.paid", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_invoice_payment},
    {"payment_intent.amount_capturable_updated", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED,
     read_payment_intent},
    {"payment_intent.canceled", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_payment_intent},
    {"payment_intent.payment_failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED,
     read_payment_intent},
    {"payment_intent.processing", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_PENDING, read_payment_intent},
    {"payment_intent.requires_action", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_ACTION_REQUIRED,
     read_payment_intent},
    {"payment_intent.succeeded", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_payment_intent},
    {"payment_method.attached", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_payment_method},
    {"payment_method.automatically_updated", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED,
     read_payment_method},
    {"payment_method.detached", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_payment_method},
    {"payment_method.updated", v1::CATEGORY_CUSTOMER, v1::FACT_CUSTOMER_UPDATED, read_payment_method},
    {"payout.failed", v1::CATEGORY_MONEY_OUT, v1::FACT_PAYOUT_FAILED, read_payout},
    {"payout.paid", v1::CATEGORY_MONEY_OUT, v1::FACT_PAYOUT_PAID, read_payout},
    {"refund.created", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"refund.failed", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"refund.updated", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

// A connected account's pages lie below its id, and a test's below "test".
std::string dashboard_of(const RawEvent& raw) {
    std::string url = "https://dashboard.stripe.com";
    if (raw.account.starts_with("acct_") && is_plain_id(raw.account)) url += fmt::format("/{}", raw.account);
    if (raw.mode == name(providers::Mode::test)) url += "/test";
    return url;
}

}  // namespace

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    const auto json = Json::parse(raw.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    v1::PaymentEvent event;
    put(fields.time("/created"), event, &v1::PaymentEvent::mutable_provider_time);
    const auto* const row = row_of<EventRow>(events, raw.type);
    // A thin event says what has happened to what, and nothing of the object itself.
    if (row != nullptr && fields.label("/object").value_or("event") != "v2.core.event") {
        tell(event, row->category, row->fact);
        row->read({.object = {*json, fields, "/data/object"},
                   .before = {*json, fields, "/data/previous_attributes"},
                   .type = raw.type,
                   .releases_are_refunds = is_before_basil(fields.label("/api_version").value_or("")),
                   .dashboard = dashboard_of(raw),
                   .event = event});
    }
    if (fields.error()) return std::unexpected{*fields.error()};
    return event;
}

}  // namespace tollgate::providers::stripe
