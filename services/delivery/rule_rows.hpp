// Rules as they are kept.
#pragma once

#include <map>
#include <span>
#include <utility>
#include <vector>

#include "delivery/rule.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::delivery {

using DestinationKey = std::pair<Uuid, Uuid>;  // tenant, destination

// Of tenants and destinations that are not disabled, each destination's in their order.
std::map<DestinationKey, std::vector<Rule>> read_rules(postgres::Transaction& tx,
                                                       std::span<const Uuid> tenants);
// Of one destination, also of a disabled one.
std::vector<Rule> rules_of(postgres::Transaction& tx, const DestinationKey& destination);

void insert(postgres::Transaction& tx, const Rule& rule);

}  // namespace tollgate::delivery
