// The settings of sources, for who has events of them.
#pragma once

#include <map>
#include <span>
#include <string>

#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::tenants {

struct TenantSource {
    Uuid tenant;
    std::string slug;

    auto operator<=>(const TenantSource&) const = default;
};

// Each a JSON object; without those of sources that are not there. Throws SqlError, as a statement does.
std::map<TenantSource, std::string> read_source_settings(postgres::Transaction& tx,
                                                         std::span<const TenantSource> sources);

}  // namespace tollgate::tenants
