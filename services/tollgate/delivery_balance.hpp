// Messages that nobody gets unless somebody does something, as exceptions of the audit.
#pragma once

#include "tenants/actor.hpp"
#include "tollgate/balance.hpp"

namespace tollgate {

// Of a tenant, or of all that the actor may see.
Result<std::vector<Imbalance>> undelivered(postgres::Transaction& tx, const tenants::Actor& actor,
                                           const std::optional<std::string>& tenant);

}  // namespace tollgate
