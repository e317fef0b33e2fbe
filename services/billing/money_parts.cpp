#include "billing/money_parts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

namespace tollgate::billing {

namespace {

// Union-find over the facts' places.
class Groups {
public:
    explicit Groups(std::size_t size) : parents_(size) { std::iota(parents_.begin(), parents_.end(), 0); }

    std::size_t of(std::size_t place) {
        while (parents_[place] != place) place = parents_[place] = parents_[parents_[place]];
        return place;
    }
    void join(std::size_t a, std::size_t b) { parents_[of(a)] = of(b); }

private:
    std::vector<std::size_t> parents_;
};

// What comes of a payment earlier stands first.
int place_in_life(FactKind kind) {
    constexpr std::array lives{FactKind::pending,       FactKind::authorised,     FactKind::failed,
                               FactKind::cancelled,     FactKind::elsewhere,      FactKind::settled,
                               FactKind::captured,      FactKind::taken_back,     FactKind::refund,
                               FactKind::refund_failed, FactKind::dispute_opened, FactKind::dispute_won,
                               FactKind::dispute_lost,  FactKind::payout,         FactKind::payout_failed};
    return static_cast<int>(std::ranges::find(lives, kind) - lives.begin());
}

bool says_captured(const PaymentFact& fact) {
    return fact.kind == FactKind::captured || fact.kind == FactKind::settled;
}

// The payment itself is believed before its invoice, whose amount may hold what a credit has paid.
bool is_better_proof(const PaymentFact& a, const PaymentFact* b) {
    if (b == nullptr) return true;
    if (a.kind != b->kind) return a.kind == FactKind::captured;
    if (a.amount.has_value() != b->amount.has_value()) return a.amount.has_value();
    return is_newer(a, *b);
}

void take_in(MoneyPart& part, const PaymentFact& fact) {
    part.facts.push_back(&fact);
    if (says_captured(fact) && is_better_proof(fact, part.captured)) part.captured = &fact;
}

using ByText = std::map<std::string_view, const PaymentFact*>;

// The last word of each.
ByText newest_by(std::span<const PaymentFact* const> facts, FactKind kind, std::string PaymentFact::* text) {
    ByText newest;
    for (const PaymentFact* fact : facts) {
        if (fact->kind != kind) continue;
        const PaymentFact*& known = newest[fact->*text];
        if (known == nullptr || is_newer(*fact, *known)) known = fact;
    }
    return newest;
}

// Of what an invoice says was paid, what came by other means than the provider is not its money.
std::optional<archive::Amount> through_provider(const PaymentFact& invoice, const ByText& elsewhere) {
    auto amount = invoice.amount;
    for (const auto& [object, fact] : elsewhere) {
        const bool counts = amount && fact->amount && fact->invoice == invoice.invoice &&
                            fact->amount->currency == amount->currency;
        if (counts) amount->minor -= std::min(amount->minor, std::max<std::int64_t>(fact->amount->minor, 0));
    }
    return amount;
}

// The payment's own word counts alone. Otherwise its invoices each say how much of them it has paid, beside
// which a checkout or an order tells nothing more.
void prove(MoneyPart& part, const ByText& elsewhere) {
    if (part.captured == nullptr) return;
    if (part.captured->kind == FactKind::captured) {
        part.proofs.push_back({.at = part.captured->at, .amount = part.captured->amount});
        return;
    }
    auto invoices = newest_by(part.facts, FactKind::settled, &PaymentFact::invoice);
    if (invoices.size() > 1) invoices.erase("");
    for (const auto& [invoice, fact] : invoices) {
        const auto amount = through_provider(*fact, elsewhere);
        // Nothing of it is the provider's.
        if (amount && amount->minor == 0 && fact->amount->minor > 0) continue;
        part.proofs.push_back({.at = fact->at, .amount = amount});
    }
}

void tell_taken_back(MoneyPart& part) {
    if (part.captured == nullptr) return;
    for (const auto& [object, fact] : newest_by(part.facts, FactKind::taken_back, &PaymentFact::object)) {
        if (is_newer(*fact, *part.captured)) part.taken_back.push_back(fact);
    }
}

void tell_refunded(MoneyPart& part) {
    const PaymentFact* newest = nullptr;
    for (const PaymentFact* fact : part.facts) {
        if (fact->refunded && (newest == nullptr || is_newer(*fact, *newest))) newest = fact;
    }
    if (newest != nullptr) part.refunded_in_all = newest->refunded;
}

}  // namespace

bool is_newer(const PaymentFact& a, const PaymentFact& b) {
    // Two payouts are two states of one, which the provider's version tells apart best.
    const auto rank = [](const PaymentFact& fact) {
        return std::tuple{fact.at,
                          fact.kind < FactKind::payout ? 0 : fact.version,
                          place_in_life(fact.kind),
                          fact.version,
                          fact.refunded.value_or(-1),
                          std::string_view{fact.provider_event},
                          fact.amount ? fact.amount->minor : -1,
                          fact.event};
    };
    return rank(a) > rank(b);
}

std::vector<std::size_t> parts_of(std::span<const PaymentFact> facts) {
    Groups groups{facts.size()};
    std::unordered_map<std::string_view, std::size_t> with_payment;
    std::unordered_map<std::string_view, std::size_t> with_charge;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const auto join = [&](auto& first_with, const std::string& id) {
            if (id.empty()) return;
            const auto [at, is_first] = first_with.try_emplace(id, i);
            if (!is_first) groups.join(i, at->second);
        };
        join(with_payment, facts[i].payment_id);
        join(with_charge, facts[i].charge_id);
    }
    std::vector<std::size_t> parts;
    parts.reserve(facts.size());
    for (std::size_t i = 0; i < facts.size(); ++i) parts.push_back(groups.of(i));
    return parts;
}

std::vector<MoneyPart> money_parts(std::span<const PaymentFact> facts) {
    const auto of_part = parts_of(facts);
    std::unordered_map<std::size_t, MoneyPart> own;
    MoneyPart told_from_outside;
    for (std::size_t i = 0; i < facts.size(); ++i)
        take_in(facts[i].is_of_payment_itself() ? own[of_part[i]] : told_from_outside, facts[i]);

    std::vector<MoneyPart> parts;
    for (auto& [root, part] : own) {
        tell_refunded(part);
        prove(part, {});
        tell_taken_back(part);
        if (part.captured != nullptr) parts.push_back(std::move(part));
    }
    tell_refunded(told_from_outside);
    tell_taken_back(told_from_outside);
    prove(told_from_outside, newest_by(told_from_outside.facts, FactKind::elsewhere, &PaymentFact::object));
    if (parts.empty() && !told_from_outside.proofs.empty()) {
        parts.push_back(std::move(told_from_outside));
    } else if (parts.size() == 1 && !parts.front().refunded_in_all) {
        parts.front().refunded_in_all = told_from_outside.refunded_in_all;
    }
    // The oldest first, so that who adds them up meets the same one first each time.
    std::ranges::sort(
        parts, [](const MoneyPart& a, const MoneyPart& b) { return is_newer(*b.captured, *a.captured); });
    return parts;
}

}  // namespace tollgate::billing
