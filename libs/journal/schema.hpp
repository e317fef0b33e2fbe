// The journal's tables and functions.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::journal {

const postgres::Schema& schema();

}  // namespace tollgate::journal
