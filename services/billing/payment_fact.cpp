#include "billing/payment_fact.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "archive/payment_reading.hpp"

namespace tollgate::billing {

namespace {

using events::PaymentEvent;

constexpr std::array kind_names{
    std::pair{FactKind::captured, std::string_view{"captured"}},
    std::pair{FactKind::settled, std::string_view{"settled"}},
    std::pair{FactKind::elsewhere, std::string_view{"elsewhere"}},
    std::pair{FactKind::authorised, std::string_view{"authorised"}},
    std::pair{FactKind::pending, std::string_view{"pending"}},
    std::pair{FactKind::failed, std::string_view{"failed"}},
    std::pair{FactKind::cancelled, std::string_view{"cancelled"}},
    std::pair{FactKind::taken_back, std::string_view{"taken_back"}},
    std::pair{FactKind::refund, std::string_view{"refund"}},
    std::pair{FactKind::refund_failed, std::string_view{"refund_failed"}},
    std::pair{FactKind::dispute_opened, std::string_view{"dispute_opened"}},
    std::pair{FactKind::dispute_won, std::string_view{"dispute_won"}},
    std::pair{FactKind::dispute_lost, std::string_view{"dispute_lost"}},
    std::pair{FactKind::payout, std::string_view{"payout"}},
    std::pair{FactKind::payout_failed, std::string_view{"payout_failed"}},
};

constexpr std::array kinds{
    std::pair{v1::FACT_PAYMENT_SUCCEEDED, FactKind::captured},
    std::pair{v1::FACT_INVOICE_PAID, FactKind::settled},
    std::pair{v1::FACT_PAYMENT_AUTHORIZED, FactKind::authorised},
    std::pair{v1::FACT_PAYMENT_PENDING, FactKind::pending},
    std::pair{v1::FACT_PAYMENT_ACTION_REQUIRED, FactKind::pending},
    std::pair{v1::FACT_PAYMENT_FAILED, FactKind::failed},
    std::pair{v1::FACT_INVOICE_PAYMENT_FAILED, FactKind::failed},
    std::pair{v1::FACT_PAYMENT_CANCELED, FactKind::cancelled},
    std::pair{v1::FACT_REFUND_SUCCEEDED, FactKind::refund},
    std::pair{v1::FACT_REFUND_FAILED, FactKind::refund_failed},
    std::pair{v1::FACT_DISPUTE_OPENED, FactKind::dispute_opened},
    std::pair{v1::FACT_DISPUTE_UPDATED, FactKind::dispute_opened},
    std::pair{v1::FACT_DISPUTE_WON, FactKind::dispute_won},
    std::pair{v1::FACT_DISPUTE_LOST, FactKind::dispute_lost},
    std::pair{v1::FACT_PAYOUT_PAID, FactKind::payout},
    std::pair{v1::FACT_PAYOUT_FAILED, FactKind::payout_failed},
};

// A renewal that names its payment tells of that; where nobody else does, it is all that is heard of it.
std::optional<FactKind> kind_of_renewal(const PaymentEvent& event) {
    if (event.references().payment_id().empty()) return std::nullopt;
    if (event.fact() == v1::FACT_SUBSCRIPTION_RENEWAL_FAILED) return FactKind::failed;
    return event.category() == v1::CATEGORY_MONEY_IN ? std::optional{FactKind::settled} : std::nullopt;
}

std::optional<FactKind> kind_of(const PaymentEvent& event) {
    const v1::Fact fact = event.fact();
    if (fact == v1::FACT_SUBSCRIPTION_RENEWED || fact == v1::FACT_SUBSCRIPTION_RENEWAL_FAILED)
        return kind_of_renewal(event);
    const bool tells_money_in = fact == v1::FACT_INVOICE_PAID || fact == v1::FACT_UNSPECIFIED;
    if (event.settlement() == v1::SETTLEMENT_TAKEN_BACK) return FactKind::taken_back;
    if (event.settlement() == v1::SETTLEMENT_ELSEWHERE && tells_money_in) return FactKind::elsewhere;
    if (event.settlement() == v1::SETTLEMENT_PAID && tells_money_in) return FactKind::settled;
    // A checkout's amount is what was paid only if money has moved.
    if (fact == v1::FACT_CHECKOUT_COMPLETED && event.category() == v1::CATEGORY_MONEY_IN)
        return FactKind::settled;
    const auto* const found = std::ranges::find(kinds, fact, &std::pair<v1::Fact, FactKind>::first);
    return found == kinds.end() ? std::nullopt : std::optional{found->second};
}

bool is_dispute(FactKind kind) {
    return kind == FactKind::dispute_opened || kind == FactKind::dispute_won ||
           kind == FactKind::dispute_lost;
}

bool is_payout(FactKind kind) {
    return kind == FactKind::payout || kind == FactKind::payout_failed;
}

void add_name(std::vector<std::string>& names, std::string_view kind, std::string_view id) {
    if (!id.empty()) names.push_back(fmt::format("{}/{}", kind, archive::indexed(id)));
}

// An event that names no payment is about its subject; the subject of a refund or a dispute is not the
// payment.
void tell_names(const PaymentEvent& event, PaymentFact& fact) {
    const auto& ids = event.references();
    if (is_payout(fact.kind)) {
        add_name(fact.names, "payout", ids.payout_id().empty() ? event.subject().id() : ids.payout_id());
        return;
    }
    add_name(fact.names, "invoice", ids.invoice_id());
    add_name(fact.names, "order", ids.order_id());
    add_name(fact.names, "checkout", ids.checkout_id());
    for (const std::string& invoice : ids.other_invoice_ids()) add_name(fact.names, "invoice", invoice);
    for (const std::string& payment : ids.other_payment_ids()) add_name(fact.names, "payment", payment);
    if (!ids.invoice_id().empty()) {
        fact.invoice = archive::indexed(ids.invoice_id());
    } else if (!ids.other_invoice_ids().empty()) {
        fact.invoice = archive::indexed(ids.other_invoice_ids(0));
    }
    const bool is_about_it = fact.kind < FactKind::refund;
    const bool is_nameless = fact.names.empty() && ids.payment_id().empty() && ids.charge_id().empty();
    fact.payment_id = archive::indexed(is_nameless && is_about_it ? event.subject().id() : ids.payment_id());
    fact.charge_id = archive::indexed(ids.charge_id());
    add_name(fact.names, "payment", fact.payment_id);
    add_name(fact.names, "charge", fact.charge_id);
}

std::string object_of(const PaymentEvent& event, const PaymentFact& fact) {
    const bool has_own = fact.kind == FactKind::taken_back || fact.kind == FactKind::elsewhere;
    if (has_own) return archive::indexed(event.subject().id());
    if (fact.kind < FactKind::refund) return {};
    const auto& ids = event.references();
    const std::string& own = is_payout(fact.kind)                    ? ids.payout_id()
                             : fact.kind >= FactKind::dispute_opened ? ids.dispute_id()
                                                                     : ids.refund_id();
    if (!own.empty()) return archive::indexed(own);
    if (!event.subject().id().empty()) return archive::indexed(event.subject().id());
    return fact.names.front();
}

}  // namespace

std::string_view name(FactKind kind) {
    return std::ranges::find(kind_names, kind, &std::pair<FactKind, std::string_view>::first)->second;
}

std::optional<FactKind> fact_kind(std::string_view name) {
    const auto* const found =
        std::ranges::find(kind_names, name, &std::pair<FactKind, std::string_view>::second);
    return found == kind_names.end() ? std::nullopt : std::optional{found->first};
}

std::optional<PaymentFact> payment_fact(const PaymentEvent& event, const Uuid& id, Timestamp received) {
    const auto kind = kind_of(event);
    if (!kind) return std::nullopt;
    PaymentFact fact{.event = id,
                     .kind = *kind,
                     .at = archive::provider_time(event).value_or(received),
                     .version = static_cast<std::int64_t>(std::min<std::uint64_t>(
                         event.provider_version(), std::numeric_limits<std::int64_t>::max())),
                     .amount = archive::amount_of(event.amount()),
                     .customer = archive::indexed(event.customer().id()),
                     .subscription = archive::indexed(event.references().subscription_id()),
                     .failure_code = archive::without_zeros(event.failure_code()),
                     .failure_reason = archive::without_zeros(event.failure_reason()),
                     .provider_event = archive::indexed(event.provider_event_id())};
    // What is only asked about has an amount that is at stake, and none that moves.
    if (is_dispute(*kind) && event.settlement() == v1::SETTLEMENT_NOTHING) fact.amount.reset();
    tell_names(event, fact);
    if (fact.names.empty()) return std::nullopt;
    fact.object = object_of(event, fact);
    // A fee in another currency than the payment's cannot be taken from it.
    if (fact.amount && event.fee().currency() == event.amount().currency()) fact.fee = event.fee().minor();
    if (event.has_amount_released()) fact.released = event.amount_released().minor();
    // A capture that tells both has counted them.
    const bool is_counted = *kind == FactKind::refund || (*kind == FactKind::captured && fact.released);
    if (is_counted && event.has_amount_refunded()) fact.refunded = event.amount_refunded().minor();
    for (const auto& link : event.links()) {
        if (link.kind() == v1::LINK_KIND_RECEIPT) fact.receipt_url = archive::without_zeros(link.url());
    }
    return fact;
}

}  // namespace tollgate::billing
