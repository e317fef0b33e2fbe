// Billing's tables and functions.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::billing {

const postgres::Schema& schema();

}  // namespace tollgate::billing
