// Operators: people and programs that hold a token. A name is used once, because the audit log goes by it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "tenants/actor.hpp"

namespace tollgate::tenants {

struct OperatorState {
    std::string name;
    Role role = Role::viewer;
    std::optional<std::vector<TenantName>> tenants;  // none: all of the platform
    std::optional<Timestamp> retired_at;
    Timestamp created_at;
};

struct NewOperator {
    std::string name;
    Role role = Role::operator_;
    std::vector<std::string> tenants{};  // by uuid or slug; empty: all of the platform
};

struct AddedOperator {
    OperatorState state;
    Secret token;  // the only time that it is seen
};

// An admin who is limited to some tenants adds, sees and retires those who are limited to some of these.
Result<AddedOperator> add_operator(postgres::Transaction& tx, const Actor& actor, const NewOperator& wanted,
                                   std::string_view reason = {});
Result<std::vector<OperatorState>> list_operators(postgres::Transaction& tx, const Actor& actor);
// From the next verb on the token is nobody's. The last admin of the platform stays.
Result<OperatorState> retire_operator(postgres::Transaction& tx, const Actor& actor, const std::string& name,
                                      std::string_view reason = {});

// Whether this is the login that owns the tables, and nobody could add operators but it.
bool may_add_first_operator(postgres::Transaction& tx);
// An admin of the platform, by the login that owns the tables; `conflict` if there is one.
Result<AddedOperator> add_first_operator(postgres::Transaction& tx, const std::string& name);

}  // namespace tollgate::tenants
