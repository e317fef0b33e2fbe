// Every schema of the product.
#pragma once

#include "postgres/migrate.hpp"

namespace tollgate {

postgres::Schemas all_schemas();

}  // namespace tollgate
