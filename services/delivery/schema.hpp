// Delivery's tables and functions.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::delivery {

const postgres::Schema& schema();

}  // namespace tollgate::delivery
