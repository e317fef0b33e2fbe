// The consumers' tables and functions.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::consumer {

const postgres::Schema& schema();

}  // namespace tollgate::consumer
