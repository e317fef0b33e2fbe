#include "billing/payment.hpp"

#include <algorithm>
#include <array>

#include "billing/money_back.hpp"
#include "billing/reckoning.hpp"
#include "billing/releases.hpp"

namespace tollgate::billing {

namespace {

// What this says has come of the payment's currency; nothing if that is not known.
std::optional<std::int64_t> came(const Proof& proof, Payment& payment) {
    if (!proof.amount) {
        note(payment, "money has come, and nobody says how much");
        return std::nullopt;
    }
    if (proof.amount->minor < 0 || proof.amount->minor > amount_max) {
        note(payment, "what is said to have come is no amount of money, and is not booked");
        return std::nullopt;
    }
    if (payment.currency.empty()) payment.currency = proof.amount->currency;
    if (proof.amount->currency != payment.currency) {
        note(payment, "it is paid in two currencies, of which one is booked");
        return std::nullopt;
    }
    return sane(proof.amount->minor);
}

// How much of what has come is gone again. A dispute tells of the same money, and knows how it ends.
bool is_all_gone(const MoneyPart& part) {
    return std::ranges::any_of(part.taken_back, [](const PaymentFact* fact) { return !fact->amount; });
}

void add_part(const MoneyPart& part, bool is_disputed, Payment& payment) {
    if (!is_disputed && is_all_gone(part)) return;
    std::optional<Timestamp> paid_at;
    std::int64_t in_all = 0;
    bool is_known = true;
    for (const Proof& proof : part.proofs) {
        if (!paid_at || proof.at < *paid_at) paid_at = proof.at;
        const auto minor = came(proof, payment);
        is_known = is_known && minor.has_value();
        in_all = sane(in_all + minor.value_or(0));
    }
    const std::int64_t came_in = in_all;
    if (!is_disputed) {
        for (const PaymentFact* fact : part.taken_back)
            in_all -= std::min(in_all, in_currency(*fact, payment.currency));
    }
    add_fee(part.facts, [](const PaymentFact& fact) { return fact.kind < FactKind::refund; }, payment);
    if (is_known && came_in > 0 && in_all == 0) return;
    if (!payment.paid_at || *paid_at < *payment.paid_at) payment.paid_at = paid_at;
    payment.captured = sane(payment.captured + in_all);
    payment.refunded = sane(payment.refunded + sane(part.refunded_in_all.value_or(0)));
}

void add_captures(Facts facts, Payment& payment) {
    const bool is_disputed = std::ranges::any_of(
        facts, [](const PaymentFact& fact) { return is_dispute(fact.kind) && fact.amount; });
    for (const MoneyPart& part : money_parts(facts)) add_part(part, is_disputed, payment);
}

// Of one that has not succeeded: the last that was said.
Status status_of_unpaid(Facts facts, Payment& payment) {
    const auto* const last = newest_of(facts, [](const PaymentFact& fact) {
        return fact.kind >= FactKind::authorised && fact.kind <= FactKind::taken_back;
    });
    const auto* const sized = newest_of(facts, [](const PaymentFact& fact) {
        return fact.kind < FactKind::refund && fact.amount.has_value();
    });
    if (sized != nullptr && (payment.currency.empty() || payment.currency == sized->amount->currency)) {
        payment.amount = sane(sized->amount->minor);
        payment.currency = sized->amount->currency;
    }
    if (last == nullptr) return Status::pending;
    const auto* const failure = newest_of(facts, [](const PaymentFact& fact) {
        return fact.kind == FactKind::failed || fact.kind == FactKind::taken_back;
    });
    if (failure != nullptr) {
        payment.failure_code = failure->failure_code;
        payment.failure_reason = failure->failure_reason;
    }
    switch (last->kind) {
        case FactKind::authorised:
            return Status::authorised;
        case FactKind::failed:
        case FactKind::taken_back:
            return Status::failed;
        case FactKind::cancelled:
            return Status::cancelled;
        default:
            return Status::pending;
    }
}

void name_parties(Facts facts, Payment& payment) {
    const auto newest_text = [&](std::string PaymentFact::* text) {
        const auto* const found =
            newest_of(facts, [&](const PaymentFact& fact) { return !(fact.*text).empty(); });
        return found == nullptr ? std::string{} : found->*text;
    };
    payment.customer = newest_text(&PaymentFact::customer);
    payment.subscription = newest_text(&PaymentFact::subscription);
    payment.receipt_url = newest_text(&PaymentFact::receipt_url);
}

// An invoice that was paid by other means alone: the provider has nothing of it.
void add_elsewhere(Facts facts, Payment& payment) {
    const auto* const paid = newest_of(facts, [](const PaymentFact& fact) {
        return fact.kind == FactKind::elsewhere || fact.kind == FactKind::settled;
    });
    const bool is_elsewhere =
        std::ranges::any_of(facts, [](const PaymentFact& fact) { return fact.kind == FactKind::elsewhere; });
    if (payment.paid_at || !is_elsewhere) return;
    payment.paid_at = paid->at;
    if (!paid->amount) return;
    payment.amount = sane(paid->amount->minor);
    payment.currency = paid->amount->currency;
}

std::optional<Lone> lone_side_of(Facts facts, const Payment& payment) {
    const bool is_of_payment = std::ranges::any_of(facts, &PaymentFact::is_of_payment_itself);
    const bool names_invoice =
        std::ranges::any_of(facts, [](const PaymentFact& fact) { return !fact.invoice.empty(); });
    if (payment.captured == 0 || is_of_payment == names_invoice) return std::nullopt;
    if (is_of_payment) return Lone::payment;
    // What has gone back of it goes back by itself.
    if (payment.refunded > 0 || payment.disputed > 0) return std::nullopt;
    return Lone::invoice;
}

Payment payout_of(Facts facts) {
    Payment payout{.is_payout = true};
    const auto* const last = newest_of(facts, [](const PaymentFact&) { return true; });
    payout.status = last->kind == FactKind::payout ? Status::succeeded : Status::failed;
    if (last->amount) {
        payout.amount = sane(last->amount->minor);
        payout.currency = last->amount->currency;
        payout.paid_out = payout.status == Status::succeeded ? *payout.amount : 0;
    }
    if (payout.status == Status::succeeded) payout.paid_at = last->at;
    if (payout.status == Status::succeeded && !last->amount)
        note(payout, "money has gone to the bank, and nobody says how much");
    payout.failure_code = last->failure_code;
    payout.failure_reason = last->failure_reason;
    return payout;
}

}  // namespace

std::string_view name(Status status) {
    constexpr std::array<std::string_view, 10> names{
        "pending",         "authorised", "succeeded", "failed", "cancelled",
        "partly_refunded", "refunded",   "disputed",  "won",    "lost"};
    return names.at(static_cast<std::size_t>(status));
}

std::string_view name(Lone lone) {
    return lone == Lone::invoice ? "invoice" : "payment";
}

std::string_view name(Booking booking) {
    constexpr std::array<std::string_view, 6> names{"capture", "fee",          "refund",
                                                    "dispute", "dispute_loss", "payout"};
    return names.at(static_cast<std::size_t>(booking));
}

Payment payment_of(std::span<const PaymentFact> facts) {
    const bool is_payout = !facts.empty() && facts.front().kind >= FactKind::payout;
    if (is_payout) return payout_of(facts);
    const auto known = without_released(facts);
    if (known) facts = *known;
    Payment payment;
    name_parties(facts, payment);
    add_captures(facts, payment);
    add_refunds(facts, payment);
    const auto dispute = add_disputes(facts, payment);
    payment.lone = lone_side_of(facts, payment);
    add_elsewhere(facts, payment);
    if (!payment.paid_at) {
        payment.status = status_of_unpaid(facts, payment);
        return payment;
    }
    if (payment.captured > 0 || (!payment.amount && !payment.currency.empty()))
        payment.amount = payment.captured;
    if (dispute == Status::disputed || dispute == Status::lost) {
        payment.status = *dispute;
    } else if (payment.refunded > 0) {
        payment.status = payment.refunded < payment.captured ? Status::partly_refunded : Status::refunded;
    } else {
        payment.status = dispute.value_or(Status::succeeded);
    }
    return payment;
}

void take_for(Payment& invoice, const Uuid& payment) {
    invoice.taken_for = payment;
    invoice.captured = 0;
    invoice.fee = 0;
}

Bookings bookings_of(const Payment& payment) {
    Bookings bookings;
    const auto add = [&](Booking booking, std::int64_t minor) {
        if (minor > 0) bookings[{.booking = booking, .currency = payment.currency}] = minor;
    };
    add(Booking::capture, payment.captured);
    add(Booking::fee, payment.fee);
    add(Booking::refund, payment.refunded);
    add(Booking::dispute, payment.disputed);
    add(Booking::dispute_loss, payment.lost);
    add(Booking::payout, payment.paid_out);
    return bookings;
}

}  // namespace tollgate::billing
