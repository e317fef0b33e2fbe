// Enrichment's tables and functions.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::enrichment {

const postgres::Schema& schema();

}  // namespace tollgate::enrichment
