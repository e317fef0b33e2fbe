// A snapshot of the database: which transactions had ended when it was taken. Postgres prints it as
// "xmin:xmax:xip,xip".
#pragma once

#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "postgres/wire.hpp"

namespace tollgate::journal {

using postgres::Xid;

struct Snapshot {
    Xid xmin;                      // all below had ended
    Xid xmax;                      // none from here on had ended
    std::vector<Xid> in_progress;  // between the two, in order

    static Result<Snapshot> parse(std::string_view text);

    // Whether what that transaction wrote can be seen in it, if it committed.
    bool shows(Xid xid) const;

    // Whether a transaction below `ceiling` has ended since `earlier`.
    bool shows_more_than(const Snapshot& earlier, Xid ceiling) const;
};

}  // namespace tollgate::journal
