// The tables of tenants in a database of its own, and verbs on them as an operator gives them.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "support/database.hpp"
#include "tenants/operators.hpp"
#include "tenants/registry.hpp"
#include "tenants/sources.hpp"
#include "tenants/tenants.hpp"

namespace tollgate::test {

extern const std::vector<const postgres::Schema*> tenants_schemas;

// The value, or the test fails with the error's words.
template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Line by line "<id> <key>", from ids alone: the same id is the same key.
crypto::Keyring keyring(const std::vector<std::string>& ids = {"k1"});

// Knows the providers stripe and generic; a secret must not begin with "bad", settings must not have a key
// "bad".
const tenants::Catalogue& catalogue();

// Of the platform.
tenants::Actor admin();
tenants::Actor limited(tenants::Role role, std::vector<Uuid> tenants);

class Tenants {
public:
    Tenants() : database_{tenants_schemas} {}

    const Database& database() const { return database_; }
    // In which nothing times out under a slow test.
    postgres::ConnectionSettings settings(const std::string& service = "operator") const;

    // As the command line does it: one transaction in the role of operators.
    template <typename Body>
    auto run(Body&& body) {
        return transact(connection_, std::forward<Body>(body));
    }

    tenants::Tenant tenant(const std::string& slug);
    tenants::CreatedSource source(const std::string& tenant, tenants::NewSource wanted,
                                  const crypto::Keyring& keys = keyring());
    tenants::AddedSecret secret(const std::string& tenant, const std::string& source,
                                tenants::NewSecret wanted, const crypto::Keyring& keys = keyring());
    // What the audit log has, the newest first.
    std::vector<std::string> verbs();

private:
    Database database_;
    postgres::Connection connection_ = open(settings());
};

// Whether this is refused by the database for want of rights (SQLSTATE 42501), in a transaction of its own
// with tollgate.tenant set, if given. Anything else that goes wrong fails the test.
bool refused(const postgres::ConnectionSettings& settings, const std::string& sql,
             const std::string& tenant_setting = "");

}  // namespace tollgate::test
