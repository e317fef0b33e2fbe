#include <algorithm>
#include <array>

#include "providers/event_table.hpp"
#include "providers/fill.hpp"
#include "providers/paystack/paystack.hpp"
#include "providers/recurring.hpp"

namespace tollgate::providers::paystack {

namespace {

// Hundredths, also of a currency that has none.
int hundredths(const Currency& /*currency*/) {
    return 2;
}

std::optional<Money> amount(const Place& of, std::string_view below) {
    return of.has("/currency") ? of.digits(below, "/currency", hundredths) : std::nullopt;
}

// Of a currency without hundredths a fee may have some all the same: it is then not told.
std::optional<Money> fee_of(const Place& data) {
    const auto currency = Currency::parse(data.text("/currency"));
    if (!currency) return std::nullopt;
    const auto fee = whole_units(data.text("/fees"), *currency, hundredths(*currency));
    return fee ? std::optional{*fee} : std::nullopt;
}

void read_payer(const Place& data, v1::PaymentEvent& event) {
    const Place from = data.at("/customer");
    auto& customer = *event.mutable_customer();
    customer.set_id(from.first_text({"/customer_code", "/id"}));
    customer.set_email(from.text("/email"));
    customer.set_name(full_name(from.text("/first_name"), from.text("/last_name")));
    customer.set_phone(from.text("/phone"));
    const Place card = data.at("/authorization");
    std::string brand = card.first_text({"/brand", "/card_type"});
    brand.erase(brand.find_last_not_of(' ') + 1);
    set_card(event, std::move(brand), card.text("/last4"), card.count("/exp_month"), card.count("/exp_year"));
}

void read_charge(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    const std::string reference = data.text("/reference");
    set_subject(event, v1::SUBJECT_KIND_PAYMENT, reference);
    event.mutable_references()->set_payment_id(reference);
    put(amount(data, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    put(fee_of(data), event, &v1::PaymentEvent::mutable_fee);
    event.mutable_plan()->set_id(data.text("/plan/plan_code"));
    event.mutable_plan()->set_name(data.text("/plan/name"));
    if (event.fact() == v1::FACT_PAYMENT_FAILED) event.set_failure_reason(data.text("/gateway_response"));
    read_payer(data, event);
    data.attributes("/metadata", event);
}

void read_refund(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    const std::string id = data.first_text({"/id", "/refund_reference"});
    set_subject(event, v1::SUBJECT_KIND_REFUND, id, data.text("/merchant_note"));
    event.mutable_references()->set_refund_id(id);
    event.mutable_references()->set_payment_id(
        data.first_text({"/transaction_reference", "/transaction/reference"}));
    put(amount(data, "/amount"), event, &v1::PaymentEvent::mutable_amount);
    event.set_status(data.text("/status"));
    read_payer(data, event);
}

void read_dispute(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    const Place transaction = data.at("/transaction");
    v1::PaymentEvent& event = reading.event;
    const std::string id = data.text("/id");
    const std::string resolution = data.text("/resolution");
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id);
    event.mutable_references()->set_dispute_id(id);
    event.mutable_references()->set_payment_id(transaction.text("/reference"));
    // What is asked back is told once the dispute is looked at; until then it is all of it.
    auto money = amount(data, "/refund_amount");
    if (!money) money = amount(transaction, "/amount");
    put(money, event, &v1::PaymentEvent::mutable_amount);
    event.set_dispute_reason(data.text("/category"));
    put(data.time("/dueAt"), event, &v1::PaymentEvent::mutable_evidence_due);
    read_payer(data, event);
    event.set_status(resolution.empty() ? data.text("/status") : resolution);
    const bool given = resolution == "merchant-accepted" || resolution == "auto-accepted";
    if (event.fact() == v1::FACT_DISPUTE_WON && given) event.set_fact(v1::FACT_DISPUTE_LOST);
}

struct Cycle {
    std::string_view word;
    v1::Interval interval;
    std::uint32_t count;
};
constexpr auto cycles = std::to_array<Cycle>({{"annually", v1::INTERVAL_YEAR, 1},
                                              {"biannually", v1::INTERVAL_MONTH, 6},
                                              {"daily", v1::INTERVAL_DAY, 1},
                                              {"monthly", v1::INTERVAL_MONTH, 1},
                                              {"quarterly", v1::INTERVAL_MONTH, 3},
                                              {"weekly", v1::INTERVAL_WEEK, 1}});

void read_plan(const Place& from, v1::PaymentEvent& event) {
    auto& plan = *event.mutable_plan();
    plan.set_id(from.text("/plan_code"));
    plan.set_name(from.text("/name"));
    const auto price = amount(from, "/amount");
    put(price, plan, &v1::Plan::mutable_price);
    const std::string word = from.text("/interval");
    const auto* const cycle = std::ranges::find(cycles, word, &Cycle::word);
    if (cycle == cycles.end()) return;
    plan.set_interval(cycle->interval);
    plan.set_interval_count(cycle->count);
    const auto list = price ? monthly(*price, 1, cycle->interval, cycle->count) : std::nullopt;
    if (!list) return;
    const Money nothing{.minor = 0, .currency = list->currency};
    if (event.fact() == v1::FACT_SUBSCRIPTION_CREATED) {
        tell_movement(event, nothing, *list, false);
    } else if (event.fact() == v1::FACT_SUBSCRIPTION_ENDED) {
        tell_movement(event, *list, nothing, true);
    } else {
        write(*list, *event.mutable_mrr());
    }
}

void read_subscription(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    const std::string id = data.text("/subscription_code");
    set_subject(event, v1::SUBJECT_KIND_SUBSCRIPTION, id);
    event.mutable_references()->set_subscription_id(id);
    event.set_status(data.text("/status"));
    read_plan(data.at("/plan"), event);
    const auto next = data.time("/next_payment_date");
    if (event.fact() == v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED) {
        put(next, event, &v1::PaymentEvent::mutable_ends_at);
    } else if (event.fact() == v1::FACT_SUBSCRIPTION_CREATED) {
        put(next, *event.mutable_period(), &v1::Period::mutable_end);
    }
    read_payer(data, event);
}

// Of what it is in, only the transaction says: an invoice that is not paid has none, and tells no amount.
void read_invoice(const EventReading& reading) {
    const Place data = reading.body.at("/data");
    v1::PaymentEvent& event = reading.event;
    const std::string id = data.text("/invoice_code");
    set_subject(event, v1::SUBJECT_KIND_INVOICE, id, data.text("/description"));
    auto& references = *event.mutable_references();
    references.set_invoice_id(id);
    references.set_subscription_id(data.text("/subscription/subscription_code"));
    references.set_payment_id(data.text("/transaction/reference"));
    put(amount(data.at("/transaction"), "/amount"), event, &v1::PaymentEvent::mutable_amount);
    put(data.time("/period_start"), *event.mutable_period(), &v1::Period::mutable_start);
    put(data.time("/period_end"), *event.mutable_period(), &v1::Period::mutable_end);
    read_payer(data, event);
    if (reading.type == "invoice.update" && !data.is_true("/paid"))
        tell(event, v1::CATEGORY_OTHER, v1::FACT_UNSPECIFIED);
}

constexpr auto events = std::to_array<EventRow>({
    {"charge.dispute.create", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_OPENED, read_dispute},
    {"charge.dispute.remind", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_UPDATED, read_dispute},
    {"charge.dispute.resolve", v1::CATEGORY_MONEY_OUT, v1::FACT_DISPUTE_WON, read_dispute},
    {"charge.failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_PAYMENT_FAILED, read_charge},
    {"charge.success", v1::CATEGORY_MONEY_IN, v1::FACT_PAYMENT_SUCCEEDED, read_charge},
    {"invoice.create", v1::CATEGORY_OTHER, v1::FACT_INVOICE_CREATED, read_invoice},
    {"invoice.payment_failed", v1::CATEGORY_MONEY_AT_RISK, v1::FACT_INVOICE_PAYMENT_FAILED, read_invoice},
    {"invoice.update", v1::CATEGORY_MONEY_IN, v1::FACT_INVOICE_PAID, read_invoice},
    {"refund.failed", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_FAILED, read_refund},
    {"refund.pending", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"refund.processed", v1::CATEGORY_MONEY_OUT, v1::FACT_REFUND_SUCCEEDED, read_refund},
    {"refund.processing", v1::CATEGORY_MONEY_OUT, v1::FACT_UNSPECIFIED, read_refund},
    {"subscription.create", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CREATED, read_subscription},
    {"subscription.disable", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_ENDED, read_subscription},
    {"subscription.not_renew", v1::CATEGORY_SUBSCRIPTION, v1::FACT_SUBSCRIPTION_CANCEL_SCHEDULED,
     read_subscription},
});
static_assert(std::ranges::is_sorted(events, {}, &EventRow::type));

}  // namespace

Result<v1::PaymentEvent> normalise(const RawEvent& raw) {
    return read_event(events, raw);
}

}  // namespace tollgate::providers::paystack
