#include <algorithm>
#include <array>

#include "providers/event_table.hpp"
#include "providers/fill.hpp"
#include "providers/razorpay/event_reading.hpp"
#include "providers/razorpay/razorpay.hpp"

namespace tollgate::providers::razorpay {

namespace {

using EventRow = EventRowOf<Reading>;

constexpr auto events = std::to_array<EventRow>({
    {"invoice.expired", v1::CATEGORY_OTHER, v1::FACT_INVOICE_VOIDED, read_invoice},
    {"invoice.paid", v1::CATEGORY_MONEY_IN, v1::FACT_INVOICE_PAID, read_invoice},
    {"order.paid", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_paid_order},
    {"payment.authorized", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED, read_payment},
    {"payment.captured", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_payment},
    {"payment.dispute.action_required", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"payment.dispute.closed", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_dispute},
    {"payment.dispute.created", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"payment.dispute.lost", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_LOST, read_dispute},
    {"payment.dispute.under_review", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"payment.dispute.won", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_dispute},
    {"payment.failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_payment},
    {"refund.created", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"refund.failed", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"refund.processed", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
    {"settlement.processed", v1::CATEGORY_MONEY_OUT, v1::FACT_PAYOUT_PAID, read_settlement},
    {"subscription.activated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ACTIVATED, read_subscription},
    {"subscription.authenticated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED,
     read_subscription},
    {"subscription.cancelled", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED, read_subscription},
    {"subscription.charged", v1::CATEGORY_MONEY_IN, v1::FACT_SUBSCRIPTION_RENEWED, read_subscription_charge},
    {"subscription.completed", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED, read_subscription},
    {"subscription.halted", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE, read_subscription},
    {"subscription.paused", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_PAUSED, read_subscription},
    {"subscription.pending", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_SUBSCRIPTION_PAST_DUE, read_subscription},
    {"subscription.resumed", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_RESUMED, read_subscription},
    {"subscription.updated", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_UPDATED, read_subscription},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

}  // namespace

void link_to(const Reading& reading, v1::LinkKind kind, std::string_view page, std::string_view id) {
    if (!is_plain_id(id)) return;
    add_link(reading.event, kind, fmt::format("https://dashboard.razorpay.com/app/{}/{}", page, id));
}

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    const auto json = Json::parse(raw.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    v1::PaymentEvent event;
    put(fields.time("/created_at"), event, &v1::PaymentEvent::mutable_provider_time);
    if (const auto* const row = row_of<EventRow>(events, raw.type)) {
        tell(event, row->category, row->fact);
        row->read({.payload = {*json, fields, "/payload"}, .type = raw.type, .event = event});
    }
    if (fields.error()) return std::unexpected{*fields.error()};
    return event;
}

}  // namespace tollgate::providers::razorpay
