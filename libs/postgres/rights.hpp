// Refuses to work with more rights than the work needs: what a service cannot do, a fault in it cannot do.
#pragma once

#include "core/result.hpp"
#include "postgres/connection.hpp"

namespace tollgate::postgres {

// An error for a login that has, or may take by a role that it is a member of: superuser, making roles or
// databases, bypassing row-level security, all data, files or programs of the server, ownership of the
// database or of what is ours. The sentence says how to make a right one.
Result<void> refuse_too_many_rights(Connection& connection);

}  // namespace tollgate::postgres
