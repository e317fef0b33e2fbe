#include "billing/money_back.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/reckoning.hpp"
#include "billing/releases.hpp"

namespace tollgate::billing {

namespace {

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

// Each refund's own amount, by what is said of it last.
struct Refunds {
    std::int64_t succeeded = 0;  // of those that speak of no more than themselves
    std::int64_t failed = 0;     // since the payment last said how much it has given back in all
    bool is_failed_unknown = false;
    bool is_some_unknown = false;  // of those that speak of no more than themselves
    bool has_succeeded = false;
    std::optional<Timestamp> last_at;
    // Of those that said so when the payment did: what can be one that has failed since is not among them.
    std::int64_t said_on_the_way = 0;
};

// Who says what the payment has given back in all says what one refund adds to it, and may not say which
// refund that is: one of the same amount that failed is taken for it.
std::int64_t sum_on_the_way(Facts facts, const std::map<std::string, const PaymentFact*>& failed,
                            const std::string& currency) {
    std::set<std::pair<std::string_view, std::int64_t>> said;
    for (const PaymentFact& fact : facts) {
        if (fact.kind == FactKind::refund && fact.refunded)
            said.emplace(fact.object, in_currency(fact, currency));
    }
    std::map<std::string_view, std::int64_t> left;  // of those that failed, with their amounts
    std::map<std::int64_t, std::set<std::string_view>> alike;
    for (const auto& [object, fact] : failed) {
        const std::int64_t minor = in_currency(*fact, currency);
        left.emplace(object, minor);
        alike[minor].insert(object);
    }
    std::int64_t sum = 0;
    for (const auto& [object, minor] : said) {
        auto found = left.find(object);
        if (found == left.end()) {
            const auto& same = alike[minor];
            if (!same.empty()) found = left.find(*same.begin());
        }
        if (found != left.end()) {
            alike[found->second].erase(found->first);
            left.erase(found);
        } else {
            sum = sane(sum + minor);
        }
    }
    return sum;
}

Refunds refunds_of(Facts facts, const Payment& payment, const PaymentFact* whole) {
    const auto is_refund = [](FactKind kind) {
        return kind == FactKind::refund || kind == FactKind::refund_failed;
    };
    const auto has_failed = [](FactKind kind) { return kind == FactKind::refund_failed; };
    Refunds refunds;
    std::map<std::string, const PaymentFact*> failed;
    auto words = last_word(facts, is_refund, has_failed);
    leave_out_released(facts, words);
    for (const auto& [object, fact] : words) {
        if (has_failed(fact->kind)) {
            failed[object] = fact;
            if (whole != nullptr && is_newer(*whole, *fact)) continue;
            refunds.is_failed_unknown = refunds.is_failed_unknown || !fact->amount;
            refunds.failed = sane(refunds.failed + in_currency(*fact, payment.currency));
            continue;
        }
        refunds.has_succeeded = true;
        // What speaks of the whole payment names no part of it.
        if (fact->refunded) continue;
        refunds.is_some_unknown =
            refunds.is_some_unknown || (!fact->amount && (whole == nullptr || is_newer(*fact, *whole)));
        refunds.succeeded = sane(refunds.succeeded + in_currency(*fact, payment.currency));
        if (!refunds.last_at || fact->at > *refunds.last_at) refunds.last_at = fact->at;
    }
    if (refunds.failed > 0 && !refunds.is_failed_unknown)
        refunds.said_on_the_way = sum_on_the_way(facts, failed, payment.currency);
    return refunds;
}

bool is_of_other_currency(const PaymentFact& fact, const Payment& payment) {
    return fact.amount && !payment.currency.empty() && fact.amount->currency != payment.currency;
}

}  // namespace

// `payment.refunded` is what the payments themselves say by now. Once a refund has failed, what was said
// before may still hold it; what is known to have gone back has gone back whatever that leaves.
void add_refunds(Facts facts, Payment& payment) {
    const auto* const whole =
        newest_of(facts, [](const PaymentFact& fact) { return fact.refunded.has_value(); });
    const Refunds refunds = refunds_of(facts, payment, whole);
    payment.refunded_at = refunds.last_at;
    if (whole != nullptr && (!payment.refunded_at || whole->at > *payment.refunded_at))
        payment.refunded_at = whole->at;
    const std::int64_t known =
        std::max(refunds.succeeded, std::min(refunds.said_on_the_way, payment.refunded));
    const std::int64_t without_failed =
        payment.refunded -
        std::min(payment.refunded, refunds.is_failed_unknown ? amount_max : refunds.failed);
    payment.refunded = std::max(known, without_failed);
    if (std::ranges::any_of(facts, [&](const PaymentFact& fact) {
            return (fact.kind == FactKind::refund || is_dispute(fact.kind)) &&
                   is_of_other_currency(fact, payment);
        }))
        note(payment, "money went back in another currency than it came in, and is not booked");
    if (payment.captured == 0) {
        if (refunds.has_succeeded) {
            note(payment, payment.paid_at ? "what went back of it is not booked"
                                          : "a refund of what was never seen to be paid");
        }
        payment.refunded = 0;
    } else if (payment.refunded > payment.captured) {
        note(payment, "more was given back than was paid");
        payment.refunded = payment.captured;
    }
    if (refunds.is_some_unknown && payment.captured > 0)
        note(payment, "money went back, and nobody says how much");
    if (payment.refunded == 0) payment.refunded_at.reset();
}

// The worst that is said of any: being decided, lost, won.
std::optional<Status> add_disputes(Facts facts, Payment& payment) {
    const auto is_decided = [](FactKind kind) { return kind != FactKind::dispute_opened; };
    std::map<std::string_view, std::vector<const PaymentFact*>> told_of;
    for (const PaymentFact& fact : facts) {
        if (is_dispute(fact.kind)) told_of[fact.object].push_back(&fact);
    }
    std::optional<Status> worst;
    for (const auto& [object, fact] : last_word(facts, is_dispute, is_decided)) {
        const auto& told = told_of[object];
        const PaymentFact* sized = nullptr;
        for (const PaymentFact* other : told) {
            if (other->amount && (sized == nullptr || is_newer(*other, *sized))) sized = other;
        }
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
        if (payment.captured == 0) continue;
        // What a dispute costs is beside what the payment did.
        add_fee(
            told, [&](const PaymentFact& other) { return !is_of_other_currency(other, payment); }, payment);
    }
    if (payment.captured == 0 && worst) {
        note(payment, payment.paid_at ? "what is disputed of it is not booked"
                                      : "a dispute of what was never seen to be paid");
        payment.disputed = payment.lost = 0;
    } else if (payment.refunded + payment.disputed > payment.captured) {
        note(payment, "more was given back and disputed than was paid");
    }
    return worst;
}

}  // namespace tollgate::billing
