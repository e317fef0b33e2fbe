#include <algorithm>
#include <array>

#include "providers/adyen/adyen.hpp"
#include "providers/event_table.hpp"
#include "providers/fill.hpp"

namespace tollgate::providers::adyen {

namespace {

struct CountedOtherwise {
    std::string_view code;
    int decimals;
};
constexpr auto counted_otherwise =
    std::to_array<CountedOtherwise>({{"CLP", 2}, {"CVE", 0}, {"IDR", 0}, {"ISK", 2}});

int decimals_of(const Currency& currency) {
    const auto* const found = std::ranges::find(counted_otherwise, currency.code(), &CountedOtherwise::code);
    return found == counted_otherwise.end() ? currency.exponent() : found->decimals;
}

std::optional<Money> amount(const Place& of) {
    return of.digits("/value", "/currency", decimals_of);
}

bool has_succeeded(const Place& item) {
    return item.text("/success") == "true" || item.is_true("/success");
}

bool captures_by_hand(std::string_view settings) {
    const auto json = Json::parse(settings);
    if (!json) return false;
    JsonFields fields{*json};
    return fields.label("/capture") == "manual";
}

// What every item has. `payment` is the pspReference of the payment that it is of.
void read_item(const EventReading& reading, const std::string& payment) {
    const Place& item = reading.body;
    v1::PaymentEvent& event = reading.event;
    auto& references = *event.mutable_references();
    references.set_payment_id(payment);
    references.set_external_id(item.text("/merchantReference"));
    put(amount(item.at("/amount")), event, &v1::PaymentEvent::mutable_amount);
    const Place more = item.at("/additionalData");
    event.mutable_customer()->set_id(more.text("/shopperReference"));
    event.mutable_customer()->set_email(more.text("/shopperEmail"));
    event.mutable_customer()->set_country(more.text("/shopperCountry"));
    set_card(event, item.text("/paymentMethod"), more.text("/cardSummary"), 0, 0);
}

void read_failure(const EventReading& reading) {
    const std::string reason = reading.body.text("/reason");
    const std::string code = reading.body.text("/additionalData/refusalReasonRaw");
    tell(reading.event, v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED);
    reading.event.set_failure_code(code.empty() ? reason : code);
    reading.event.set_failure_reason(reason);
}

// An event does not say whether what was authorised is captured by itself: the source's settings do. If
// not, each capture is a payment, and `checkout_id` holds them together with what was authorised.
void read_authorisation(const EventReading& reading) {
    const std::string id = reading.body.text("/pspReference");
    v1::PaymentEvent& event = reading.event;
    read_item(reading, id);
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, id);
    if (!has_succeeded(reading.body)) {
        read_failure(reading);
        return;
    }
    const bool by_hand = captures_by_hand(reading.settings);
    if (by_hand) event.mutable_references()->set_checkout_id(id);
    // Of nothing: a card is checked.
    if (by_hand || event.amount().minor() == 0) tell(event, v1::CATEGORY_OTHER, v1::FACT_PAYMENT_AUTHORIZED);
}

void read_capture(const EventReading& reading) {
    const std::string payment = reading.body.text("/originalReference");
    const std::string id = reading.body.text("/pspReference");
    v1::PaymentEvent& event = reading.event;
    read_item(reading, payment);
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, payment);
    if (captures_by_hand(reading.settings)) {
        event.mutable_references()->set_payment_id("");
        event.mutable_references()->set_charge_id(id);
        event.mutable_references()->set_checkout_id(payment);
    }
    if (reading.type != "CAPTURE_FAILED" && has_succeeded(reading.body)) return;
    // What was authorised, or captured before, counted as money that had come.
    read_failure(reading);
    event.set_settlement(v1::SETTLEMENT_TAKEN_BACK);
}

void read_refund(const EventReading& reading) {
    const std::string id = reading.body.text("/pspReference");
    v1::PaymentEvent& event = reading.event;
    read_item(reading, reading.body.text("/originalReference"));
    set_subject(event, v1::SUBJECT_KIND_REFUND, id);
    event.mutable_references()->set_refund_id(id);
    if (!has_succeeded(reading.body)) event.set_fact(v1::FACT_REFUND_FAILED);
    if (event.fact() == v1::FACT_REFUND_FAILED) event.set_failure_reason(reading.body.text("/reason"));
}

// What was captured by itself, or is about to be, comes back by being cancelled.
void read_cancellation(const EventReading& reading) {
    const std::string payment = reading.body.text("/originalReference");
    v1::PaymentEvent& event = reading.event;
    if (!has_succeeded(reading.body)) {
        read_item(reading, payment);
        tell(event, v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED);
        return;
    }
    const std::string action = reading.body.text("/additionalData/modification.action");
    const bool is_refund = action.empty() ? !captures_by_hand(reading.settings) : action == "refund";
    if (is_refund) {
        tell(event, v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED);
        read_refund(reading);
        return;
    }
    read_item(reading, payment);
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, payment);
}

void read_dispute(const EventReading& reading) {
    const std::string id = reading.body.text("/pspReference");
    const Place more = reading.body.at("/additionalData");
    v1::PaymentEvent& event = reading.event;
    const std::string payment = reading.body.text("/originalReference");
    read_item(reading, payment);
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id, reading.body.text("/reason"));
    event.mutable_references()->set_dispute_id(id);
    event.set_dispute_reason(more.first_text({"/chargebackReasonCode", "/rfiReasonCode"}));
    event.set_status(more.text("/disputeStatus"));
    put(more.time("/defensePeriodEndsAt"), event, &v1::PaymentEvent::mutable_evidence_due);
    // Only asked about: no money has moved.
    if (reading.type == "REQUEST_FOR_INFORMATION") event.clear_amount();
    const bool is_over =
        event.status() == "Lost" || event.status() == "Accepted" || event.status() == "Expired";
    if (reading.type == "CHARGEBACK" && is_over) event.set_fact(v1::FACT_DISPUTE_LOST);
}

// Of a platform's transfers only what goes to a bank: payments are booked by their own items, which are of
// the whole and not of a share.
void read_transfer(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    const std::string id = data.text("/id");
    const std::string status = data.text("/status");
    event.set_status(status);
    event.set_provider_version(data.number("/sequenceNumber"));
    event.mutable_references()->set_external_id(data.text("/reference"));
    put(amount(data.at("/amount")), event, &v1::PaymentEvent::mutable_amount);
    set_subject(event, v1::SUBJECT_KIND_UNSPECIFIED, id, data.text("/description"));
    const bool to_bank = data.text("/category") == "bank" && data.text("/direction") == "outgoing";
    if (!to_bank) return;
    set_subject(event, v1::SUBJECT_KIND_PAYOUT, id, data.text("/description"));
    event.mutable_references()->set_payout_id(id);
    event.set_category(v1::CATEGORY_MONEY_OUT);
    if (status == "booked") event.set_fact(v1::FACT_PAYOUT_PAID);
    if (status == "failed" || status == "returned") {
        event.set_fact(v1::FACT_PAYOUT_FAILED);
        event.set_failure_reason(data.text("/reason"));
    }
}

constexpr auto events = std::to_array<EventRow>({
    {"AUTHORISATION", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_authorisation},
    {"CANCELLATION", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_cancellation},
    {"CANCEL_OR_REFUND", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_cancellation},
    {"CAPTURE", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_capture},
    {"CAPTURE_FAILED", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_capture},
    {"CHARGEBACK", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"CHARGEBACK_REVERSED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_dispute},
    {"DISPUTE_DEFENSE_PERIOD_ENDED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_LOST, read_dispute},
    {"INFORMATION_SUPPLIED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"ISSUER_RESPONSE_TIMEFRAME_EXPIRED", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_dispute},
    {"NOTIFICATION_OF_CHARGEBACK", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"PREARBITRATION_LOST", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_LOST, read_dispute},
    {"PREARBITRATION_WON", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_dispute},
    {"REFUND", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
    {"REFUNDED_REVERSED", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"REFUND_FAILED", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"REQUEST_FOR_INFORMATION", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"SECOND_CHARGEBACK", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_LOST, read_dispute},
    {"TECHNICAL_CANCEL", v1::CATEGORY_OTHER, v1::FACT_PAYMENT_CANCELED, read_cancellation},
    {"balancePlatform.transfer.created", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_transfer},
    {"balancePlatform.transfer.updated", v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED, read_transfer},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

}  // namespace

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    return read_event(events, raw);
}

}  // namespace tollgate::providers::adyen
