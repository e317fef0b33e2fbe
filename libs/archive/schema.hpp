// The archive's tables and functions.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::archive {

const postgres::Schema& schema();

}  // namespace tollgate::archive
