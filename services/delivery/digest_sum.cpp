#include "delivery/digest_sum.hpp"

#include <algorithm>
#include <iterator>

#include "delivery/compose.hpp"
#include "delivery/listed_events.hpp"

namespace tollgate::delivery {

namespace {

// Fewer are shown; that many are at hand to choose from.
constexpr std::size_t pressing_kept = 50;

void keep_most_important(std::vector<v1::PaymentEvent>& events) {
    EventList all;
    for (const v1::PaymentEvent& event : events) all.push_back(&event);
    std::vector<v1::PaymentEvent> kept;
    for (const auto* const event : by_importance(std::move(all))) {
        if (kept.size() == pressing_kept) break;
        kept.push_back(*event);
    }
    events = std::move(kept);
}

}  // namespace

void DigestSum::add(const v1::PaymentEvent& event) {
    Part& part = event.mode() == v1::MODE_TEST ? tests_ : real_;
    ++part.count;
    const Layout* const layout = &layout_of(event);
    auto kind = std::ranges::find(part.kinds, layout, &Kind::layout);
    if (kind == part.kinds.end()) kind = part.kinds.insert(part.kinds.end(), Kind{.layout = layout});
    ++kind->count;
    if (event.has_amount()) kind->amounts.add(event.amount());
    if (is_untold(event)) ++kind->untold;
    if (event.mrr().minor() > 0) kind->mrr.add(event.mrr());
    const auto* const effect = std::ranges::find(movement_effects, event.mrr_effect());
    if (effect != movement_effects.end() && event.has_mrr_delta()) {
        Movement& movement =
            part.movements.at(static_cast<std::size_t>(std::distance(movement_effects.begin(), effect)));
        ++movement.count;
        movement.sums.add(event.mrr_delta());
    }
    if (priority_of(event) > v1::PRIORITY_TODAY) return;
    ++part.pressing_count;
    part.pressing.push_back(event);
    if (part.pressing.size() >= 2 * pressing_kept) keep_most_important(part.pressing);
}

}  // namespace tollgate::delivery
