// Uuids with commas between them: how the setting `tollgate.tenant` names tenants, and how an array of them
// is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/uuid.hpp"

namespace tollgate::tenants {

std::string uuid_list(const std::vector<Uuid>& ids);
// Of a text that Postgres made; what is no uuid is a bug and throws.
std::vector<Uuid> parse_uuid_list(std::string_view text);

}  // namespace tollgate::tenants
