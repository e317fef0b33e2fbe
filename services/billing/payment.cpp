#include "billing/payment.hpp"

#include <algorithm>
#include <array>

#include "billing/money_parts.hpp"

namespace tollgate::billing {

namespace {

using Facts = std::span<const PaymentFact>;

// Nobody's money is beyond this, and sums of it fit.
constexpr std::int64_t amount_max = std::int64_t{1} << 53U;

std::int64_t sane(std::int64_t minor) {
    return std::clamp(minor, std::int64_t{0}, amount_max);
}

std::int64_t in_currency(const PaymentFact& fact, const std::string& currency) {
    return fact.amount && fact.amount->currency == currency ? sane(fact.amount->minor) : 0;
}

const PaymentFact* newest_of(Facts facts, auto&& wanted) {
    const PaymentFact* found = nullptr;
    for (const PaymentFact& fact : facts) {
        if (wanted(fact) && (found == nullptr || is_newer(fact, *found))) found = &fact;
    }
    return found;
}

// What an object (a refund, a dispute) was told to be last. `is_final` is believed whatever comes after it.
std::map<std::string, const PaymentFact*> last_word(Facts facts, auto&& is_of_kind, auto&& is_final) {
    std::map<std::string, const PaymentFact*> words;
    for (const PaymentFact& fact : facts) {
        if (!is_of_kind(fact.kind)) continue;
        const PaymentFact*& known = words[fact.object];
        const bool is_better =
            known == nullptr ||
            (is_final(fact.kind) != is_final(known->kind) ? is_final(fact.kind) : is_newer(fact, *known));
        if (is_better) known = &fact;
    }
    return words;
}

void note(Payment& payment, std::string_view what) {
    if (!payment.oddity.empty()) payment.oddity += "; ";
    payment.oddity += what;
}

void add_captures(Facts facts, Payment& payment) {
    for (const MoneyPart& part : money_parts(facts)) {
        const PaymentFact& proof = *part.captured;
        if (!payment.paid_at || proof.at < *payment.paid_at) payment.paid_at = proof.at;
        if (!proof.amount) {
            note(payment, "money has come, and nobody says how much");
            continue;
        }
        if (proof.amount->minor < 0 || proof.amount->minor > amount_max) {
            note(payment, "what is said to have come is no amount of money, and is not booked");
            continue;
        }
        if (payment.currency.empty()) payment.currency = proof.amount->currency;
        if (proof.amount->currency != payment.currency) {
            note(payment, "it is paid in two currencies, of which one is booked");
            continue;
        }
        payment.captured = sane(payment.captured + in_currency(proof, payment.currency));
        const PaymentFact* fee = nullptr;
        for (const PaymentFact* fact : part.facts) {
            if (fact->fee && *fact->fee > 0 && (fee == nullptr || is_newer(*fact, *fee))) fee = fact;
        }
        if (fee != nullptr) payment.fee += sane(*fee->fee);
        payment.refunded = sane(payment.refunded + sane(part.refunded_in_all.value_or(0)));
    }
}

// `payment.refunded` is what the payments themselves say by now.
void add_refunds(Facts facts, Payment& payment) {
    const auto is_refund = [](FactKind kind) {
        return kind == FactKind::refund || kind == FactKind::refund_failed;
    };
    const auto has_failed = [](FactKind kind) { return kind == FactKind::refund_failed; };
    std::int64_t by_parts = 0;
    bool one_failed = false;
    bool one_succeeded = false;
    for (const auto& [object, fact] : last_word(facts, is_refund, has_failed)) {
        one_failed = one_failed || has_failed(fact->kind);
        one_succeeded = one_succeeded || !has_failed(fact->kind);
        // What speaks of the whole payment names no part of it.
        if (has_failed(fact->kind) || fact->refunded) continue;
        by_parts = sane(by_parts + in_currency(*fact, payment.currency));
        if (!payment.refunded_at || fact->at > *payment.refunded_at) payment.refunded_at = fact->at;
    }
    const auto* const whole =
        newest_of(facts, [](const PaymentFact& fact) { return fact.refunded.has_value(); });
    if (whole != nullptr && (!payment.refunded_at || whole->at > *payment.refunded_at))
        payment.refunded_at = whole->at;
    // Once a refund has failed, what the payment said before may still hold it.
    payment.refunded = one_failed ? by_parts : std::max(payment.refunded, by_parts);
    if (payment.captured == 0) {
        if (one_succeeded) note(payment, "a refund of what was never seen to be paid");
        payment.refunded = 0;
    } else if (payment.refunded > payment.captured) {
        note(payment, "more was given back than was paid");
        payment.refunded = payment.captured;
    }
    if (payment.refunded == 0) payment.refunded_at.reset();
}

// The worst that is said of any: being decided, lost, won.
std::optional<Status> add_disputes(Facts facts, Payment& payment) {
    const auto is_dispute = [](FactKind kind) {
        return kind == FactKind::dispute_opened || kind == FactKind::dispute_won ||
               kind == FactKind::dispute_lost;
    };
    const auto is_decided = [](FactKind kind) { return kind != FactKind::dispute_opened; };
    std::optional<Status> worst;
    for (const auto& [object, fact] : last_word(facts, is_dispute, is_decided)) {
        const auto* const sized = newest_of(facts, [&](const PaymentFact& other) {
            return is_dispute(other.kind) && other.object == object && other.amount;
        });
        const std::int64_t amount = sized == nullptr ? 0 : in_currency(*sized, payment.currency);
        const Status status = fact->kind == FactKind::dispute_opened ? Status::disputed
                              : fact->kind == FactKind::dispute_lost ? Status::lost
                                                                     : Status::won;
        if (status != Status::won) payment.disputed = sane(payment.disputed + amount);
        if (status == Status::lost) payment.lost = sane(payment.lost + amount);
        const auto badness = [](Status each) {
            return each == Status::disputed ? 2 : each == Status::lost ? 1 : 0;
        };
        if (!worst || badness(status) > badness(*worst)) worst = status;
    }
    if (payment.captured == 0 && worst) {
        note(payment, "a dispute of what was never seen to be paid");
        payment.disputed = payment.lost = 0;
    }
    return worst;
}

// Of one that has not succeeded: the last that was said.
Status status_of_unpaid(Facts facts, Payment& payment) {
    const auto* const last = newest_of(facts, [](const PaymentFact& fact) {
        return fact.kind >= FactKind::authorised && fact.kind <= FactKind::cancelled;
    });
    const auto* const sized = newest_of(facts, [](const PaymentFact& fact) {
        return fact.kind < FactKind::refund && fact.amount.has_value();
    });
    if (sized != nullptr) {
        payment.amount = sane(sized->amount->minor);
        payment.currency = sized->amount->currency;
    }
    if (last == nullptr) return Status::pending;
    const auto* const failure =
        newest_of(facts, [](const PaymentFact& fact) { return fact.kind == FactKind::failed; });
    if (failure != nullptr) {
        payment.failure_code = failure->failure_code;
        payment.failure_reason = failure->failure_reason;
    }
    switch (last->kind) {
        case FactKind::authorised:
            return Status::authorised;
        case FactKind::failed:
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

std::string_view name(Booking booking) {
    constexpr std::array<std::string_view, 6> names{"capture", "fee",          "refund",
                                                    "dispute", "dispute_loss", "payout"};
    return names.at(static_cast<std::size_t>(booking));
}

Payment payment_of(std::span<const PaymentFact> facts) {
    const bool is_payout = !facts.empty() && facts.front().kind >= FactKind::payout;
    if (is_payout) return payout_of(facts);
    Payment payment;
    name_parties(facts, payment);
    add_captures(facts, payment);
    add_refunds(facts, payment);
    const auto dispute = add_disputes(facts, payment);
    if (!payment.paid_at) {
        payment.status = status_of_unpaid(facts, payment);
        return payment;
    }
    if (!payment.currency.empty()) payment.amount = payment.captured;
    if (dispute == Status::disputed || dispute == Status::lost) {
        payment.status = *dispute;
    } else if (payment.refunded > 0) {
        payment.status = payment.refunded < payment.captured ? Status::partly_refunded : Status::refunded;
    } else {
        payment.status = dispute.value_or(Status::succeeded);
    }
    return payment;
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
