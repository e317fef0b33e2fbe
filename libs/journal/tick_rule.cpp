#include "journal/tick_rule.hpp"

#include <utility>

namespace tollgate::journal {

bool TickRule::is_due(std::int64_t drawn, const Snapshot& now) const {
    return drawn > last_.drawn || now.shows_more_than(last_.tick.snapshot, ceiling_);
}

void TickRule::written(WrittenTick tick) {
    if (tick.drawn != last_.drawn) ceiling_ = tick.xid;
    last_ = std::move(tick);
}

}  // namespace tollgate::journal
