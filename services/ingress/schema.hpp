// The tables of ingress: the dedupe ledger, and what is held.
#pragma once

#include "postgres/schema.hpp"

namespace tollgate::ingress {

const postgres::Schema& schema();

}  // namespace tollgate::ingress
