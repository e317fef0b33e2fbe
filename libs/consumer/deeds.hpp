// What operators did to messages of several tenants, as the audit log has it: a row for each tenant.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "tenants/audit.hpp"

namespace tollgate::consumer {

using CountByTenant = std::map<Uuid, std::int64_t>;
using EventsByTenant = std::map<Uuid, std::vector<Uuid>>;

// Each tenant's row has its own count as `name` in the result. Those that nobody has registered share one, of
// the platform. Nothing if nothing was done.
void record_by_tenant(postgres::Transaction& tx, const tenants::Actor& actor, const tenants::Deed& deed,
                      std::string_view name, const CountByTenant& counts);

// Likewise, and which they were, by which an event's story finds it.
void record_events(postgres::Transaction& tx, const tenants::Actor& actor, const tenants::Deed& deed,
                   std::string_view name, const EventsByTenant& events);

}  // namespace tollgate::consumer
