// Refuses to work with more rights than the work needs: what a service cannot do, a fault in it cannot do.
#pragma once

#include "core/result.hpp"
#include "postgres/connection.hpp"

namespace tollgate::postgres {

// An error for a login that is a superuser, may make roles or databases, bypasses row-level security, or
// owns our tables. The sentence says how to make a right one.
Result<void> refuse_too_many_rights(Connection& connection);

}  // namespace tollgate::postgres
