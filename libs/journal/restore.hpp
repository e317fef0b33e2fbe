// What `tollgate migrate` does about a journal that came with a dump from another server.
#pragma once

#include "postgres/transaction.hpp"

namespace tollgate::journal {

// Whether it was one, and was made usable here: each reader goes on where it stood. Needs the owner's rights.
Result<bool> start_anew_if_restored(postgres::Connection& connection);

}  // namespace tollgate::journal
