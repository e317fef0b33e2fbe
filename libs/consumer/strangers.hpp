// Whether what somebody asks for by its id is there, and not his to see. He is not told.
#pragma once

#include <span>

#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::consumer {

// Of events, messages and replays.
Result<bool> concerns_others(postgres::Transaction& tx, const tenants::Actor& actor,
                             std::span<const Uuid> ids);
// Of events from the one id to the other, as the beginning of an id means them.
Result<bool> concerns_others_between(postgres::Transaction& tx, const tenants::Actor& actor,
                                     const Uuid& first, const Uuid& last);

}  // namespace tollgate::consumer
