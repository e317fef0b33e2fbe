#include "enrichment/customer_fact.hpp"

#include <initializer_list>

#include "archive/payment_reading.hpp"

namespace tollgate::enrichment {

namespace {

using archive::indexed;
using events::PaymentEvent;

std::string first_of(std::initializer_list<std::string_view> ids) {
    for (const std::string_view id : ids) {
        if (!id.empty()) return indexed(id);
    }
    return {};
}

FactKind kind_of(const PaymentEvent& payment) {
    switch (payment.fact()) {
        case v1::FACT_PAYMENT_SUCCEEDED:
            return FactKind::payment;
        case v1::FACT_PAYMENT_FAILED:
            return FactKind::failure;
        case v1::FACT_REFUND_SUCCEEDED:
            return FactKind::refund;
        case v1::FACT_REFUND_FAILED:
            return FactKind::failed_refund;
        case v1::FACT_DISPUTE_OPENED:
        case v1::FACT_DISPUTE_UPDATED:
        case v1::FACT_DISPUTE_WON:
        case v1::FACT_DISPUTE_LOST:
            return FactKind::dispute;
        default:
            return payment.references().order_id().empty() ? FactKind::other : FactKind::order;
    }
}

// The payment that money of it belongs to. A shop's order is one payment.
std::string payment_of(const PaymentEvent& payment, FactKind kind) {
    const auto& references = payment.references();
    const bool is_payment = kind == FactKind::payment || kind == FactKind::failure;
    return first_of({references.payment_id(), references.charge_id(), references.order_id(),
                     is_payment ? std::string_view{payment.subject().id()} : std::string_view{}});
}

// A payment fails as often as it is tried, and each attempt is told by its charge or its number.
std::string attempt_of(const PaymentEvent& payment, const std::string& of_payment) {
    const std::string& charge = payment.references().charge_id();
    if (!charge.empty()) return indexed(charge);
    return payment.attempt() == 0 ? of_payment : fmt::format("{}#{}", of_payment, payment.attempt());
}

std::string object_of(const PaymentEvent& payment, FactKind kind, const std::string& of_payment) {
    const auto& references = payment.references();
    switch (kind) {
        case FactKind::payment:
            return of_payment;
        case FactKind::failure:
            return attempt_of(payment, of_payment);
        case FactKind::refund:
        case FactKind::failed_refund:
            return first_of({references.refund_id(), payment.subject().id(), of_payment});
        case FactKind::dispute:
            return first_of({references.dispute_id(), payment.subject().id(), of_payment});
        case FactKind::order:
            return indexed(references.order_id());
        case FactKind::other:
            return {};
    }
    return {};
}

}  // namespace

std::string_view name(FactKind kind) {
    switch (kind) {
        case FactKind::payment:
            return "payment";
        case FactKind::failure:
            return "failure";
        case FactKind::refund:
            return "refund";
        case FactKind::failed_refund:
            return "failed_refund";
        case FactKind::dispute:
            return "dispute";
        case FactKind::order:
            return "order";
        case FactKind::other:
            return "other";
    }
    return "other";
}

std::optional<CustomerFact> fact_of(const PaymentEvent& payment) {
    const FactKind kind = kind_of(payment);
    CustomerFact fact{.kind = kind,
                      .payment = payment_of(payment, kind),
                      .order = indexed(payment.references().order_id()),
                      .customer = indexed(payment.customer().id()),
                      .at = archive::provider_time(payment),
                      .version = payment.provider_version(),
                      .amount = archive::amount_of(payment.amount()),
                      .is_test = payment.mode() == v1::MODE_TEST};
    fact.object = object_of(payment, kind, fact.payment);
    // What a refund says of the whole payment makes the parts of it unneeded.
    if (kind == FactKind::refund && payment.has_amount_refunded())
        fact.refunded = payment.amount_refunded().minor();
    const bool is_of_payment = kind != FactKind::other && kind != FactKind::order && !fact.payment.empty();
    if (fact.customer.empty() && !is_of_payment) return std::nullopt;
    return fact;
}

}  // namespace tollgate::enrichment
