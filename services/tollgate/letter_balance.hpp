// Messages that lie with nobody, and that the books of no hour looked at have, as exceptions of the audit.
#pragma once

#include "tenants/actor.hpp"
#include "tollgate/balance.hpp"

namespace tollgate {

// What is dead, held or tried again and again of events of other hours, conflicts among them; and what the
// relay could not put on the bus of topics that the books leave out.
struct UnbookedTime {
    std::optional<std::string> tenant;  // none: all that the actor may see
    std::vector<Timestamp> hours;       // that were looked at, and of which these consumers have books
    std::vector<std::string> consumers;
    // The hours of the events, and of the relay's entries when they were refused; none: whatever the age.
    std::optional<Timestamp> since;
    std::optional<Timestamp> until;
    Timestamp settled;  // what came before it should be done
};
Result<std::vector<Imbalance>> unbooked(postgres::Transaction& tx, const tenants::Actor& actor,
                                        const UnbookedTime& time);

}  // namespace tollgate
