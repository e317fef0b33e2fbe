// Tenants and what an operator does with them. Each verb is one function, in the caller's transaction; what
// changes something records it in the audit log of the same transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "tenants/actor.hpp"

namespace tollgate::tenants {

struct Tenant {
    Uuid id;
    std::string slug;
    std::string name;
    std::string plan;
    std::string time_zone;
    std::optional<Timestamp> disabled_at;
    Timestamp created_at;
    std::int64_t sources = 0;
};

struct NewTenant {
    std::string slug;
    std::string name;  // empty: the slug
    std::string plan = "standard";
    std::string time_zone = "UTC";  // of the IANA: "Europe/Berlin"
};

struct TenantChange {
    std::optional<std::string> name{};
    std::optional<std::string> plan{};
    std::optional<std::string> time_zone{};
};

Result<Tenant> create_tenant(postgres::Transaction& tx, const Actor& actor, const NewTenant& wanted,
                             std::string_view reason = {});
Result<std::vector<Tenant>> list_tenants(postgres::Transaction& tx, const Actor& actor);
// By uuid or slug, here and below.
Result<Tenant> show_tenant(postgres::Transaction& tx, const Actor& actor, std::string_view tenant);
Result<Tenant> set_tenant(postgres::Transaction& tx, const Actor& actor, std::string_view tenant,
                          const TenantChange& change, std::string_view reason = {});
// None of its sources takes anything while it is disabled. Again is no error.
Result<Tenant> disable_tenant(postgres::Transaction& tx, const Actor& actor, std::string_view tenant,
                              std::string_view reason = {});
Result<Tenant> enable_tenant(postgres::Transaction& tx, const Actor& actor, std::string_view tenant,
                             std::string_view reason = {});

}  // namespace tollgate::tenants
