// The tables of tenants, sources, secrets, operators and the audit log.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::tenants {

const postgres::Schema& schema();

}  // namespace tollgate::tenants
