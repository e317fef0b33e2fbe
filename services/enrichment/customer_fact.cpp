#include "enrichment/customer_fact.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "archive/payment_reading.hpp"

namespace tollgate::enrichment {

namespace {

using archive::indexed;
using events::PaymentEvent;

constexpr std::array kind_names{
    std::pair{FactKind::payment, std::string_view{"payment"}},
    std::pair{FactKind::failure, std::string_view{"failure"}},
    std::pair{FactKind::refund, std::string_view{"refund"}},
    std::pair{FactKind::failed_refund, std::string_view{"failed_refund"}},
    std::pair{FactKind::dispute, std::string_view{"dispute"}},
    std::pair{FactKind::order, std::string_view{"order"}},
    std::pair{FactKind::link, std::string_view{"link"}},
    std::pair{FactKind::other, std::string_view{"other"}},
};

std::string first_of(std::initializer_list<std::string_view> ids) {
    for (const std::string_view id : ids) {
        if (!id.empty()) return indexed(id);
    }
    return {};
}

// An invoice of nothing, as one of a trial, is paid without a payment.
bool moves_money(const PaymentEvent& payment) {
    return !payment.has_amount() || payment.amount().minor() > 0;
}

bool names_payment(const PaymentEvent& payment) {
    return !payment.references().payment_id().empty();
}

std::optional<FactKind> kind_of_fact(const PaymentEvent& payment) {
    switch (payment.fact()) {
        case v1::FACT_PAYMENT_SUCCEEDED:
            return FactKind::payment;
        case v1::FACT_INVOICE_PAID:
            if (moves_money(payment)) return FactKind::payment;
            return std::nullopt;
        case v1::FACT_CHECKOUT_COMPLETED:
            // Completed is not paid; where it is, the provider's folder says so.
            if (payment.category() == v1::CATEGORY_MONEY_IN && moves_money(payment)) return FactKind::payment;
            return std::nullopt;
        case v1::FACT_PAYMENT_FAILED:
        case v1::FACT_INVOICE_PAYMENT_FAILED:
            return FactKind::failure;
        // A renewal that names its payment is one, whether or not the payment tells of itself.
        case v1::FACT_SUBSCRIPTION_RENEWED:
            if (payment.category() == v1::CATEGORY_MONEY_IN && names_payment(payment) && moves_money(payment))
                return FactKind::payment;
            return std::nullopt;
        case v1::FACT_SUBSCRIPTION_RENEWAL_FAILED:
            if (names_payment(payment)) return FactKind::failure;
            return std::nullopt;
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
            return std::nullopt;
    }
}

FactKind kind_of(const PaymentEvent& payment, std::size_t names) {
    if (const auto kind = kind_of_fact(payment)) return *kind;
    if (!payment.references().order_id().empty()) return FactKind::order;
    return names > 1 ? FactKind::link : FactKind::other;
}

std::vector<std::string> names_of(const PaymentEvent& payment) {
    const auto& references = payment.references();
    std::vector<std::string> names;
    const auto add = [&](std::string_view kind, std::string_view id) {
        if (!id.empty()) names.push_back(fmt::format("{}/{}", kind, indexed(id)));
    };
    add("payment", references.payment_id());
    add("charge", references.charge_id());
    add("invoice", references.invoice_id());
    add("order", references.order_id());
    add("checkout", references.checkout_id());
    for (const std::string& id : references.other_payment_ids()) add("payment", id);
    for (const std::string& id : references.other_invoice_ids()) add("invoice", id);
    return names;
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
        case FactKind::link:
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
    return std::ranges::find(kind_names, kind, &std::pair<FactKind, std::string_view>::first)->second;
}

FactKind fact_kind(std::string_view name) {
    const auto* const found =
        std::ranges::find(kind_names, name, &std::pair<FactKind, std::string_view>::second);
    return found == kind_names.end() ? FactKind::other : found->first;
}

std::optional<CustomerFact> fact_of(const PaymentEvent& payment) {
    auto names = names_of(payment);
    const FactKind kind = kind_of(payment, names.size());
    CustomerFact fact{.kind = kind,
                      .payment = payment_of(payment, kind),
                      .order = indexed(payment.references().order_id()),
                      .names = std::move(names),
                      .customer = indexed(payment.customer().id()),
                      .at = archive::provider_time(payment),
                      .version = payment.provider_version(),
                      .amount = archive::amount_of(payment.amount()),
                      .is_test = payment.mode() == v1::MODE_TEST};
    fact.object = object_of(payment, kind, fact.payment);
    const bool is_of_payment = kind != FactKind::other && kind != FactKind::order && !fact.payment.empty();
    if (is_of_payment && fact.names.empty()) fact.names.push_back("payment/" + fact.payment);
    if (kind == FactKind::refund && payment.has_amount_refunded()) {
        fact.refunded = payment.amount_refunded().minor();
        if (payment.references().refund_id().empty()) fact.amount.reset();
    }
    if (payment.has_amount_released()) fact.released = payment.amount_released().minor();
    if (fact.customer.empty() && !is_of_payment) return std::nullopt;
    return fact;
}

}  // namespace tollgate::enrichment
