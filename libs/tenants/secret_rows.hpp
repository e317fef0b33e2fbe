// Secrets as rows: sealed for their place, opened from it. What verbs and registry share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenants/secrets.hpp"

namespace tollgate::tenants {

// What binds the sealed value to its row.
std::string seal_context(const Uuid& tenant, const Uuid& source, const Uuid& secret);

struct SourceName {
    TenantName tenant;
    Uuid id;
    std::string slug;
    std::string provider;
    std::string settings;
};

// By uuid or slug; the actor was admitted to the tenant. With `lock`, nobody changes it until the
// transaction's end.
Result<SourceName> find_source(postgres::Transaction& tx, const TenantName& tenant, std::string_view source,
                               bool lock);

// Those of a source that are not retired. One that cannot be opened is left out, and the log says why.
std::vector<OpenSecret> open_secrets(postgres::Transaction& tx, const crypto::Keyring& keyring,
                                     const SourceName& source);

// A new one from its row, with ends of the period that are not there put at the ends of time.
OpenSecret open_secret(const Uuid& id, Secret value, std::optional<Timestamp> from,
                       std::optional<Timestamp> until);

// Makes one if none is given, has it checked, and writes it.
Result<AddedSecret> put_secret(postgres::Transaction& tx, const SecretKeeping& keeping,
                               const SourceName& source, const NewSecret& wanted);

}  // namespace tollgate::tenants
