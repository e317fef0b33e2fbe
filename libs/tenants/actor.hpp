// Who gives an order, and what that one may order. Each verb of an operator begins with one of the `admit`s:
// it checks the role, and lets the transaction see no other tenants than those that the verb is about.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::tenants {

// Each may do what the one before may.
enum class Role { viewer, operator_, admin };

std::string_view name(Role role);
std::string_view name_with_article(Role role);  // "an operator"
Result<Role> parse_role(std::string_view text);

struct Actor {
    std::string name;
    Role role = Role::viewer;
    std::optional<std::vector<Uuid>> tenants;  // none: all of the platform
};

// Whose token it is; `unauthenticated` if nobody's, or of one who is retired. Does not say which.
Result<Actor> authenticate(postgres::Transaction& tx, const Secret& token);

struct TenantName {
    Uuid id;
    std::string slug;
};

// All tenants that the actor may see.
Result<void> admit(postgres::Transaction& tx, const Actor& actor, Role needed);
// What is nobody's tenant's: the actor must be one for all.
Result<void> admit_to_platform(postgres::Transaction& tx, const Actor& actor, Role needed);
// One tenant, by uuid or slug.
Result<TenantName> admit_to_tenant(postgres::Transaction& tx, const Actor& actor, Role needed,
                                   std::string_view tenant);

// For what reads or writes without an actor: the tests, and the first operator.
void see_all_tenants(postgres::Transaction& tx);

}  // namespace tollgate::tenants
