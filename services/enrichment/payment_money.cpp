#include "enrichment/payment_money.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "enrichment/money_sum.hpp"
#include "enrichment/siblings.hpp"

namespace tollgate::enrichment {

namespace {

using Amounts = std::map<std::string_view, std::int64_t>;

// A bill may be paid by several payments, and their refunds are counted for each.
std::string_view payment_name(const CustomerFact& fact) {
    const auto found =
        std::ranges::find_if(fact.names, [](const std::string& name) { return is_name_of(name, "payment"); });
    return found == fact.names.end() ? std::string_view{} : std::string_view{*found};
}

// The one that came last says which currency is meant.
std::string_view currency_of(std::span<const CustomerFact* const> facts) {
    std::string_view currency;
    for (const CustomerFact* fact : facts) {
        if (fact->kind == FactKind::payment && fact->amount) currency = fact->amount->currency;
    }
    return currency;
}

std::int64_t sum_of(const Amounts& amounts) {
    MoneySum sum;
    for (const auto& [name, minor] : amounts) sum.add(minor);
    return sum.total();
}

// What payments say of themselves goes before what a bill says of all of them.
std::int64_t paid_by(std::span<const CustomerFact* const> facts, std::string_view currency) {
    Amounts paid;
    std::int64_t otherwise = 0;
    for (const CustomerFact* fact : facts) {
        if (fact->kind != FactKind::payment || !fact->amount || fact->amount->currency != currency) continue;
        const auto name = payment_name(*fact);
        if (name.empty()) {
            otherwise = fact->amount->minor;
        } else {
            paid[name] = fact->amount->minor;
        }
    }
    return paid.empty() ? otherwise : sum_of(paid);
}

class Refunds {
public:
    explicit Refunds(std::string_view currency) : currency_{currency} {}

    void take(const CustomerFact& fact) {
        if (fact.kind == FactKind::failed_refund) {
            failed_.insert(fact.object);
            take_failed(fact);
        }
        if (fact.released) released_[payment_name(fact)] = *fact.released;
        if (fact.kind != FactKind::refund) return;
        if (fact.amount && fact.amount->currency == currency_)
            parts_[fact.object] = {.minor = fact.amount->minor, .payment = payment_name(fact)};
        if (fact.refunded) wholes_[payment_name(fact)] = {.minor = *fact.refunded, .is_known = true};
    }

    // Either all refunds have told of themselves, or the payment says what it was in all: whichever is more.
    std::int64_t total() const {
        auto parts = parts_;
        std::erase_if(parts, [&](const auto& part) { return failed_.contains(part.first); });
        leave_out_released(parts);
        MoneySum sum;
        for (const auto& [object, part] : parts) sum.add(part.minor);
        MoneySum whole;
        for (const auto& [name, each] : wholes_) {
            if (each.is_known) whole.add(std::max<std::int64_t>(each.minor, 0));
        }
        return std::max(sum.total(), whole.total());
    }

private:
    struct Part {
        std::int64_t minor = 0;
        std::string_view payment;
    };
    using Parts = std::map<std::string_view, Part>;

    struct Whole {
        std::int64_t minor = 0;
        bool is_known = false;
    };

    // Where the provider makes a refund of what was reserved and let go, it is known by its amount.
    void leave_out_released(Parts& parts) const {
        for (const auto& [name, minor] : released_) {
            const auto found =
                std::ranges::find_if(parts, [&, payment = name, let_go = minor](const auto& part) {
                    return part.second.minor == let_go && part.second.payment == payment;
                });
            if (found != parts.end()) parts.erase(found);
        }
    }

    // What the payment has said before counts the refund that failed now, and what it says after does not.
    // Once each.
    void take_failed(const CustomerFact& fact) {
        const auto found = wholes_.find(payment_name(fact));
        if (found == wholes_.end() || !taken_off_.insert(fact.object).second) return;
        if (fact.amount && fact.amount->currency == currency_) {
            found->second.minor -= fact.amount->minor;
        } else {
            found->second.is_known = false;
        }
    }

    std::string_view currency_;
    Parts parts_;
    Amounts released_;
    std::map<std::string_view, Whole> wholes_;
    std::set<std::string_view> failed_;
    std::set<std::string_view> taken_off_;
};

}  // namespace

std::optional<PaymentMoney> money_of(std::span<const CustomerFact* const> facts, const CustomerFact* but) {
    const auto currency = currency_of(facts);
    if (currency.empty()) return std::nullopt;
    PaymentMoney money{.currency = currency, .paid = paid_by(facts, currency), .refunded = 0};
    Refunds refunds{currency};
    for (const CustomerFact* fact : facts) {
        const bool is_left_out = but != nullptr && fact->kind == but->kind && fact->object == but->object;
        if (!is_left_out) refunds.take(*fact);
    }
    money.refunded = std::min(money.paid, refunds.total());
    return money;
}

}  // namespace tollgate::enrichment
