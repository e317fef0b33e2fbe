// The example's table, and the role that it runs as.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::example {

const postgres::Schema& schema();

}  // namespace tollgate::example
