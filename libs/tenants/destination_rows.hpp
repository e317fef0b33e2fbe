// A destination's secret in its row.
#pragma once

#include <string>

#include "core/uuid.hpp"

namespace tollgate::tenants {

// What binds the sealed value to its row.
std::string destination_seal_context(const Uuid& tenant, const Uuid& destination);

}  // namespace tollgate::tenants
