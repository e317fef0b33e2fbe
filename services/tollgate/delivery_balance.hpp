// Messages that nobody gets unless somebody does something, as exceptions of the audit.
#pragma once

#include "tenants/actor.hpp"
#include "tollgate/balance.hpp"

namespace tollgate {

struct OpenTime {
    std::optional<std::string> tenant;  // none: all that the actor may see
    std::optional<Timestamp> since;     // none: whatever its age
    std::optional<Timestamp> until;
    Timestamp settled;  // what was due before should wait no more
};

Result<std::vector<Imbalance>> undelivered(postgres::Transaction& tx, const tenants::Actor& actor,
                                           const OpenTime& time);

}  // namespace tollgate
