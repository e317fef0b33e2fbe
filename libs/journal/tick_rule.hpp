// When a tick is due: when there may be something that the last one does not show. Told by the sequence and
// by snapshots alone, without a look at the entries.
#pragma once

#include <cstdint>

#include "journal/snapshot.hpp"

namespace tollgate::journal {

struct Tick {
    std::int64_t id = 0;
    Snapshot snapshot;
    std::int64_t last_seq = 0;
};

// A tick just written, by transaction `xid`; `drawn` is what the sequence stood at before that began.
struct WrittenTick {
    Tick tick;
    Xid xid;
    std::int64_t drawn = 0;
};

class TickRule {
public:
    explicit TickRule(WrittenTick first) : last_{std::move(first)}, ceiling_{last_.xid} {}

    // `drawn` is what the sequence stands at, `now` a snapshot that is not newer.
    bool is_due(std::int64_t drawn, const Snapshot& now) const;

    void written(WrittenTick tick);

    const Tick& last() const { return last_.tick; }

private:
    WrittenTick last_;
    // A transaction has its number before it draws from the sequence, so all that drew up to last_.drawn are
    // below this one. That others end, when nothing was drawn meanwhile, is no reason for a tick.
    Xid ceiling_;
};

}  // namespace tollgate::journal
