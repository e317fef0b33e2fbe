#include "enrichment/reckoning.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "enrichment/money_sum.hpp"
#include "enrichment/payment_money.hpp"
#include "enrichment/siblings.hpp"

namespace tollgate::enrichment {

namespace {

// At one time: a payment ends the failures before it, and what has failed is told after what it undoes.
int rank(FactKind kind) {
    switch (kind) {
        case FactKind::failure:
            return 0;
        case FactKind::payment:
            return 1;
        case FactKind::refund:
            return 2;
        default:
            return 3;
    }
}

bool is_before(const CustomerFact* one, const CustomerFact* other) {
    const auto key = [](const CustomerFact& fact) {
        return std::tuple{fact.at,
                          rank(fact.kind),
                          fact.version,
                          fact.amount ? fact.amount->minor : -1,
                          fact.refunded.value_or(-1),
                          fact.released.value_or(-1),
                          std::string_view{fact.object},
                          fact.amount ? std::string_view{fact.amount->currency} : std::string_view{}};
    };
    return key(*one) < key(*other);
}

// What has happened so far.
class Life {
public:
    void take(const CustomerFact& fact, std::size_t payment, std::size_t attempt) {
        if (!fact.order.empty()) orders_.insert(fact.order);
        if (fact.kind == FactKind::payment) {
            payments_.insert(payment);
            note_payment(payment, fact.at);
            since_payment_.clear();
        } else if (fact.kind == FactKind::failure) {
            failures_.insert(attempt);
            since_payment_.insert(attempt);
        } else if (fact.kind == FactKind::dispute) {
            disputes_.insert(fact.object);
        }
        const bool moves = fact.kind == FactKind::payment || fact.kind == FactKind::refund ||
                           fact.kind == FactKind::failed_refund;
        if (!moves) return;
        Purse& purse = purses_[payment];
        purse.facts.push_back(&fact);
        if (!std::exchange(purse.is_stale, true)) stale_.push_back(payment);
    }

    // Without one fact, which has these numbers.
    Standing standing(const CustomerFact* but, std::size_t payment, std::size_t attempt) {
        refresh();
        Standing all{.orders = static_cast<std::uint32_t>(orders_.size()),
                     .payments = static_cast<std::uint32_t>(payments_.size()),
                     .failures = static_cast<std::uint32_t>(failures_.size()),
                     .failures_in_row = static_cast<std::uint32_t>(since_payment_.size()),
                     .disputes = static_cast<std::uint32_t>(disputes_.size()),
                     .last_payment = last_.at,
                     .values = {}};
        if (but != nullptr) leave_out(*but, payment, attempt, all);
        tell_values(but, payment, all);
        return all;
    }

private:
    struct Purse {
        std::vector<const CustomerFact*> facts;
        std::optional<PaymentMoney> money;
        bool is_stale = false;
    };
    struct Last {
        std::size_t payment = 0;
        std::optional<Timestamp> at;
    };
    struct Total {
        MoneySum paid;
        MoneySum refunded;
    };

    void note_payment(std::size_t payment, std::optional<Timestamp> at) {
        if (!last_.at || last_.payment != payment) last_but_one_ = last_;
        last_ = {.payment = payment, .at = at};
    }

    void leave_out(const CustomerFact& but, std::size_t payment, std::size_t attempt, Standing& all) const {
        if (but.kind == FactKind::payment && payments_.contains(payment)) {
            --all.payments;
            if (last_.payment == payment) all.last_payment = last_but_one_.at;
        }
        if (but.kind == FactKind::failure && failures_.contains(attempt)) --all.failures;
        if (but.kind == FactKind::dispute && disputes_.contains(but.object)) --all.disputes;
    }

    void take_away(const std::optional<PaymentMoney>& money) {
        if (!money) return;
        Total& total = totals_[money->currency];
        total.paid.take_away(money->paid);
        total.refunded.take_away(money->refunded);
        if (--counts_[money->currency] == 0) totals_.erase(money->currency);
    }
    void put(const std::optional<PaymentMoney>& money) {
        if (!money) return;
        Total& total = totals_[money->currency];
        total.paid.add(money->paid);
        total.refunded.add(money->refunded);
        ++counts_[money->currency];
    }

    void refresh() {
        for (const std::size_t payment : stale_) {
            Purse& purse = purses_[payment];
            take_away(purse.money);
            purse.money = money_of(purse.facts);
            purse.is_stale = false;
            put(purse.money);
        }
        stale_.clear();
    }

    void tell_values(const CustomerFact* but, std::size_t payment, Standing& all) {
        const auto purse = but == nullptr ? purses_.end() : purses_.find(payment);
        const bool is_of_refund =
            but != nullptr && (but->kind == FactKind::refund || but->kind == FactKind::failed_refund);
        const bool is_other = purse != purses_.end() && (is_of_refund || but->kind == FactKind::payment);
        if (is_other) {
            take_away(purse->second.money);
            if (is_of_refund) put(money_of(purse->second.facts, but));
        }
        for (const auto& [currency, total] : totals_) {
            all.values[std::string{currency}] = {.paid = total.paid.total(),
                                                 .refunded = total.refunded.total()};
        }
        if (!is_other) return;
        if (is_of_refund) take_away(money_of(purse->second.facts, but));
        put(purse->second.money);
    }

    std::unordered_set<std::string_view> orders_;
    std::unordered_set<std::size_t> payments_;
    std::unordered_set<std::size_t> failures_;
    std::unordered_set<std::size_t> since_payment_;
    std::unordered_set<std::string_view> disputes_;
    Last last_;
    Last last_but_one_;  // of another payment
    std::unordered_map<std::size_t, Purse> purses_;
    std::vector<std::size_t> stale_;
    std::map<std::string_view, Total> totals_;
    std::map<std::string_view, std::int64_t> counts_;
};

}  // namespace

std::vector<Standing> reckon(std::span<const CustomerFact> facts, std::span<const Question> questions) {
    // Who asks is grouped with the others, and is not counted.
    std::vector<const CustomerFact*> all;
    for (const CustomerFact& fact : facts) all.push_back(&fact);
    for (const Question& question : questions) {
        if (question.but != nullptr) all.push_back(question.but);
    }
    std::ranges::sort(all, is_before);
    const Siblings siblings = find_siblings(all);
    std::unordered_map<const CustomerFact*, std::size_t> places;
    for (std::size_t i = 0; i < all.size(); ++i) places[all[i]] = i;

    std::vector<std::size_t> order;
    order.reserve(questions.size());
    for (std::size_t i = 0; i < questions.size(); ++i) order.push_back(i);
    std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair{questions[i].until, i}; });
    std::unordered_set<const CustomerFact*> counted;
    for (const CustomerFact& fact : facts) counted.insert(&fact);

    Life life;
    std::vector<Standing> answers(questions.size());
    std::size_t next = 0;
    for (const std::size_t i : order) {
        const Question& question = questions[i];
        for (; next < all.size() && all[next]->at.value_or(Timestamp::min()) <= question.until; ++next) {
            if (counted.contains(all[next]))
                life.take(*all[next], siblings.payments[next], siblings.attempts[next]);
        }
        const std::size_t place = question.but == nullptr ? 0 : places.at(question.but);
        answers[i] = question.but == nullptr
                         ? life.standing(nullptr, 0, 0)
                         : life.standing(question.but, siblings.payments[place], siblings.attempts[place]);
    }
    return answers;
}

}  // namespace tollgate::enrichment
