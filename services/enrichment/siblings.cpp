#include "enrichment/siblings.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "events/one_occurrence.hpp"

namespace tollgate::enrichment {

namespace {

using events::one_occurrence;

// However many payments of one amount come within minutes, so many are looked at for one bill.
constexpr int candidates_seen = 50;

// Sets of things that turn out to be one.
class Sets {
public:
    std::size_t add() {
        parents_.push_back(parents_.size());
        return parents_.size() - 1;
    }
    std::size_t of(std::size_t one) {
        while (parents_[one] != one) one = parents_[one] = parents_[parents_[one]];
        return one;
    }
    // The older one stays, so that the outcome does not depend on which of them is named first.
    void join(std::size_t one, std::size_t other) {
        const auto [stays, goes] = std::minmax(of(one), of(other));
        parents_[goes] = stays;
    }

private:
    std::vector<std::size_t> parents_;
};

bool names_payment(const CustomerFact& fact) {
    return std::ranges::any_of(fact.names, [](const std::string& name) {
        return is_name_of(name, "payment") || is_name_of(name, "charge");
    });
}

class Matching {
public:
    explicit Matching(std::span<const CustomerFact* const> facts) : facts_{facts} {
        join_by_names();
        note_ties();
        offer();
        for (std::size_t i = 0; i < facts_.size(); ++i) {
            if (is_matched(*facts_[i]) && !names_payment(*facts_[i])) match(i);
        }
    }

    Siblings take() {
        Siblings found;
        for (std::size_t i = 0; i < facts_.size(); ++i) {
            found.payments.push_back(payments_.of(nodes_[i]));
            found.attempts.push_back(attempts_.of(attempt_nodes_[i]));
        }
        return found;
    }

private:
    struct Offered {
        Timestamp at;
        std::size_t fact = 0;
    };
    using Amount = std::tuple<FactKind, std::string_view, std::int64_t>;
    struct Ties {
        bool to_bill = false;
        bool to_payment = false;
    };

    static bool is_matched(const CustomerFact& fact) {
        return (fact.kind == FactKind::payment || fact.kind == FactKind::failure) && fact.amount;
    }
    static Amount amount_of(const CustomerFact& fact) {
        return {fact.kind, fact.amount->currency, fact.amount->minor};
    }

    void join_by_names() {
        std::unordered_map<std::string_view, std::size_t> by_name;
        std::unordered_map<std::string_view, std::size_t> by_object;  // of what has no name
        std::unordered_map<std::string_view, std::size_t> by_attempt;
        for (const CustomerFact* fact : facts_) {
            std::optional<std::size_t> node;
            for (const std::string& name : fact->names) {
                const auto [known, is_new] = by_name.try_emplace(name, 0);
                if (is_new) known->second = payments_.add();
                if (node) payments_.join(*node, known->second);
                node = known->second;
            }
            if (!node) {
                const auto [known, is_new] = by_object.try_emplace(fact->object, 0);
                if (is_new) known->second = payments_.add();
                node = known->second;
            }
            nodes_.push_back(*node);
            const auto [known, is_new] = by_attempt.try_emplace(fact->object, 0);
            if (is_new) known->second = attempts_.add();
            attempt_nodes_.push_back(known->second);
        }
    }

    // What is tied to a payment and a bill has nothing to look for.
    void note_ties() {
        for (std::size_t i = 0; i < facts_.size(); ++i) {
            Ties& ties = ties_[payments_.of(nodes_[i])];
            for (const std::string& name : facts_[i]->names) {
                const bool of_payment = is_name_of(name, "payment") || is_name_of(name, "charge");
                (of_payment ? ties.to_payment : ties.to_bill) = true;
            }
        }
    }

    void offer() {
        for (std::size_t i = 0; i < facts_.size(); ++i) {
            const CustomerFact& fact = *facts_[i];
            if (is_matched(fact) && names_payment(fact))
                offered_[amount_of(fact)].push_back({.at = fact.at.value_or(Timestamp{}), .fact = i});
        }
    }

    // A bill's attempt may be one of a payment that is known to be its own, and of nobody else's.
    bool may_be_one(std::size_t bill, std::size_t payment) {
        const std::size_t one = payments_.of(nodes_[bill]);
        const std::size_t other = payments_.of(nodes_[payment]);
        if (facts_[bill]->kind == FactKind::failure && is_taken(payment)) return false;
        if (one == other) return facts_[bill]->kind == FactKind::failure;
        return !ties_[one].to_payment && !ties_[other].to_bill;
    }

    bool is_taken(std::size_t fact) { return taken_.contains(attempts_.of(attempt_nodes_[fact])); }

    void match(std::size_t bill) {
        if (facts_[bill]->kind == FactKind::failure && is_taken(bill)) return;
        const auto offered = offered_.find(amount_of(*facts_[bill]));
        if (offered == offered_.end()) return;
        const Timestamp at = facts_[bill]->at.value_or(Timestamp{});
        auto& candidates = offered->second;
        const auto begin = std::ranges::lower_bound(candidates, at - one_occurrence, {}, &Offered::at);
        std::optional<Offered> best;
        int seen = 0;
        for (auto each = begin; each != candidates.end() && each->at <= at + one_occurrence; ++each) {
            if (++seen > candidates_seen) break;
            if (!may_be_one(bill, each->fact)) continue;
            if (!best || std::chrono::abs(each->at - at) < std::chrono::abs(best->at - at)) best = *each;
        }
        if (best) unite(bill, best->fact);
    }

    void unite(std::size_t bill, std::size_t payment) {
        payments_.join(nodes_[bill], nodes_[payment]);
        ties_[payments_.of(nodes_[bill])] = {.to_bill = true, .to_payment = true};
        if (facts_[bill]->kind != FactKind::failure) return;
        attempts_.join(attempt_nodes_[bill], attempt_nodes_[payment]);
        taken_.insert(attempts_.of(attempt_nodes_[bill]));
    }

    std::span<const CustomerFact* const> facts_;
    Sets payments_;
    Sets attempts_;
    std::vector<std::size_t> nodes_;          // of each fact in payments_
    std::vector<std::size_t> attempt_nodes_;  // and in attempts_
    std::unordered_map<std::size_t, Ties> ties_;
    std::unordered_set<std::size_t> taken_;  // attempts that have found their bill
    std::map<Amount, std::vector<Offered>> offered_;
};

}  // namespace

bool is_name_of(std::string_view name, std::string_view kind) {
    return name.size() > kind.size() && name.starts_with(kind) && name[kind.size()] == '/';
}

Siblings find_siblings(std::span<const CustomerFact* const> facts) {
    return Matching{facts}.take();
}

}  // namespace tollgate::enrichment
