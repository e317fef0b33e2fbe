#include "billing/releases.hpp"

#include <algorithm>
#include <tuple>

#include "billing/money_parts.hpp"
#include "billing/reckoning.hpp"

namespace tollgate::billing {

namespace {

bool tells_released(const PaymentFact& fact) {
    return fact.released && *fact.released > 0;
}

// What is counted at the capture cannot have been given back, so it was let go, whatever the version.
bool is_sure_of_released(const PaymentFact& fact) {
    return tells_released(fact) && fact.kind == FactKind::captured && fact.refunded;
}

using ByPart = std::map<std::size_t, const PaymentFact*>;

// What each payment's own facts say last of what was let go.
ByPart newest_by_part(Facts facts, const std::vector<std::size_t>& parts, auto&& wanted) {
    ByPart newest;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        if (!wanted(facts[i])) continue;
        const PaymentFact*& known = newest[parts[i]];
        if (known == nullptr || is_newer(facts[i], *known)) known = &facts[i];
    }
    return newest;
}

void take_off(std::int64_t released, PaymentFact& refund) {
    const std::int64_t all = sane(*refund.refunded);
    *refund.refunded = all - released;
    refund.released = released;
    if (!refund.amount) return;
    const std::int64_t earlier = all - std::min(all, sane(refund.amount->minor));
    refund.amount->minor = *refund.refunded - std::max<std::int64_t>(earlier - released, 0);
}

}  // namespace

std::optional<std::vector<PaymentFact>> without_released(Facts facts) {
    if (std::ranges::none_of(facts, is_sure_of_released)) return std::nullopt;
    const auto parts = parts_of(facts);
    const ByPart sure = newest_by_part(facts, parts, is_sure_of_released);
    std::vector<PaymentFact> told{facts.begin(), facts.end()};
    for (std::size_t i = 0; i < told.size(); ++i) {
        if (told[i].kind != FactKind::refund || !told[i].refunded || told[i].released) continue;
        const auto found = sure.find(parts[i]);
        if (found == sure.end()) continue;
        const std::int64_t released = sane(*found->second->released);
        if (sane(*told[i].refunded) >= released) take_off(released, told[i]);
    }
    return told;
}

void leave_out_released(Facts facts, std::map<std::string, const PaymentFact*>& refunds) {
    if (std::ranges::none_of(facts, tells_released)) return;
    const auto parts = parts_of(facts);
    ByPart first;
    const ByPart releases = newest_by_part(facts, parts, tells_released);
    for (const auto& [object, refund] : refunds) {
        if (refund->kind != FactKind::refund || refund->refunded || !refund->amount) continue;
        const std::size_t part = parts[static_cast<std::size_t>(refund - facts.data())];
        const auto release = releases.find(part);
        if (release == releases.end() || *release->second->released != refund->amount->minor) continue;
        const PaymentFact*& known = first[part];
        if (known == nullptr || std::tie(refund->at, refund->object) < std::tie(known->at, known->object))
            known = refund;
    }
    for (const auto& [part, refund] : first) refunds.erase(refund->object);
}

}  // namespace tollgate::billing
