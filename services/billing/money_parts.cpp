#include "billing/money_parts.hpp"

#include <algorithm>
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

void tell_refunded(MoneyPart& part) {
    const PaymentFact* newest = nullptr;
    for (const PaymentFact* fact : part.facts) {
        if (fact->refunded && (newest == nullptr || is_newer(*fact, *newest))) newest = fact;
    }
    if (newest != nullptr) part.refunded_in_all = newest->refunded;
}

}  // namespace

bool is_newer(const PaymentFact& a, const PaymentFact& b) {
    const auto rank = [](const PaymentFact& fact) {
        return std::tuple{fact.at, fact.version, fact.refunded.value_or(-1),
                          fact.amount ? fact.amount->minor : -1, fact.event};
    };
    return rank(a) > rank(b);
}

std::vector<MoneyPart> money_parts(std::span<const PaymentFact> facts) {
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
    std::unordered_map<std::size_t, MoneyPart> own;
    MoneyPart told_from_outside;
    for (std::size_t i = 0; i < facts.size(); ++i)
        take_in(facts[i].is_of_payment_itself() ? own[groups.of(i)] : told_from_outside, facts[i]);

    std::vector<MoneyPart> parts;
    for (auto& [root, part] : own) {
        tell_refunded(part);
        if (part.captured != nullptr) parts.push_back(std::move(part));
    }
    tell_refunded(told_from_outside);
    if (parts.empty() && told_from_outside.captured != nullptr) {
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
