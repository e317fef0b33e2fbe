// Why somebody does what needs a reason: it stays in the audit log.
#pragma once

#include <string_view>

#include "core/result.hpp"

namespace tollgate::tenants {

// `invalid` if there is none, or nothing but blanks.
Result<void> require_reason(std::string_view reason);

}  // namespace tollgate::tenants
