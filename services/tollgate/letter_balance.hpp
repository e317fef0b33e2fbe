// Messages that lie with nobody, and that the books of no hour looked at have, as exceptions of the audit.
#pragma once

#include "tenants/actor.hpp"
#include "tollgate/balance.hpp"

namespace tollgate {

// Dead and held ones of events of other hours, and what the relay could not put on the bus of topics that the
// books leave out. `since` and `until` are of the latter; none: whatever its age.
struct UnbookedTime {
    std::optional<std::string> tenant;            // none: all that the actor may see
    std::optional<std::vector<Timestamp>> hours;  // that were looked at; none: the others do not matter
    std::optional<Timestamp> since;
    std::optional<Timestamp> until;
};
Result<std::vector<Imbalance>> unbooked(postgres::Transaction& tx, const tenants::Actor& actor,
                                        const UnbookedTime& time);

}  // namespace tollgate
