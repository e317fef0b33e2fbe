#include <utility>

#include "providers/fill.hpp"
#include "providers/shopify/event_reading.hpp"

namespace tollgate::providers::shopify {

namespace {

constexpr std::size_t transactions_max = 100;

// What the refund's transactions of one status come to.
std::optional<Money> sum_of(const Place& refund, std::string_view status) {
    std::optional<Money> all;
    for (std::size_t index = 0; index < transactions_max; ++index) {
        const Place transaction = refund.at("/transactions", index);
        if (!transaction.has("")) break;
        if (transaction.text("/kind") != "refund" || transaction.text("/status") != status) continue;
        const auto part = transaction.decimal("/amount", "/currency");
        if (!part) continue;
        const auto sum = all ? add(*all, *part) : Result<Money>{*part};
        if (!sum) {
            transaction.wrong("/amount", sum.error().detail);
            return std::nullopt;
        }
        all = *sum;
    }
    return all;
}

v1::Fact fact_of_dispute(std::string_view status, v1::Fact said) {
    if (status == "won") return v1::FACT_DISPUTE_WON;
    return status == "lost" || status == "accepted" || status == "charge_refunded" ? v1::FACT_DISPUTE_LOST
                                                                                   : said;
}

}  // namespace

// A refund may bring goods back and no money.
void read_refund(const Reading& reading) {
    const Place& refund = reading.body;
    v1::PaymentEvent& event = reading.event;
    const std::string id = refund.text("/id");
    const std::string order = refund.text("/order_id");
    auto moved = sum_of(refund, "success");
    if (moved) {
        event.set_fact(v1::FACT_REFUND_SUCCEEDED);
    } else if ((moved = sum_of(refund, "pending"))) {
        event.set_fact(v1::FACT_UNSPECIFIED);
    } else if ((moved = sum_of(refund, "failure")) || (moved = sum_of(refund, "error"))) {
        event.set_fact(v1::FACT_REFUND_FAILED);
        event.set_failure_code(refund.text("/transactions/0/error_code"));
        event.set_failure_reason(refund.text("/transactions/0/message"));
    } else {
        event.set_category(v1::CATEGORY_OTHER);
    }
    put(moved, event, &v1::PaymentEvent::mutable_amount);
    set_subject(event, v1::SUBJECT_KIND_REFUND, id, refund.text("/note"));
    auto& references = *event.mutable_references();
    references.set_refund_id(id);
    references.set_order_id(order);
    references.set_payment_id(refund.text("/transactions/0/parent_id"));
    link_to(reading, v1::LINK_KIND_SUBJECT, "orders", order);
}

void read_dispute(const Reading& reading) {
    const Place& dispute = reading.body;
    v1::PaymentEvent& event = reading.event;
    const std::string id = dispute.text("/id");
    const std::string order = dispute.text("/order_id");
    event.set_fact(fact_of_dispute(dispute.text("/status"), event.fact()));
    set_subject(event, v1::SUBJECT_KIND_DISPUTE, id, dispute.text("/type"));
    event.mutable_references()->set_dispute_id(id);
    event.mutable_references()->set_order_id(order);
    put(dispute.decimal("/amount", "/currency"), event, &v1::PaymentEvent::mutable_amount);
    event.set_dispute_reason(dispute.text("/reason"));
    put(dispute.time("/evidence_due_by"), event, &v1::PaymentEvent::mutable_evidence_due);
    link_to(reading, v1::LINK_KIND_SUBJECT, "orders", order);
}

}  // namespace tollgate::providers::shopify
