// Sources: where a provider sends to. Each verb is one function, in the caller's transaction; what changes
// something records it in the audit log of the same transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenants/secrets.hpp"

namespace tollgate::tenants {

struct SourceState {
    Uuid id;
    Uuid tenant;
    std::string tenant_slug;
    std::string slug;
    std::string provider;
    std::string settings;  // a JSON object
    std::vector<std::string> aliases;
    std::vector<std::string> school_codes;
    std::int64_t valid_secrets = 0;
    std::optional<Timestamp> disabled_at;
    Timestamp created_at;
};

struct NewSource {
    std::string slug;  // empty: the provider's name
    std::string provider;
    std::string settings = "{}";
    std::vector<std::string> aliases{};
    std::vector<std::string> school_codes{};
    std::optional<NewSecret> secret{};
};

struct CreatedSource {
    SourceState source;
    std::optional<AddedSecret> secret;
};

Result<CreatedSource> create_source(postgres::Transaction& tx, const Actor& actor,
                                    const SecretKeeping& keeping, std::string_view tenant,
                                    const NewSource& wanted, std::string_view reason = {});
// Of one tenant, or of all that the actor may see.
Result<std::vector<SourceState>> list_sources(postgres::Transaction& tx, const Actor& actor,
                                              const std::optional<std::string>& tenant);
// By uuid or slug, here and below.
Result<SourceState> show_source(postgres::Transaction& tx, const Actor& actor, std::string_view tenant,
                                std::string_view source);
// All of the settings anew. They must fit the secrets that are there.
Result<SourceState> set_source(postgres::Transaction& tx, const Actor& actor, const SecretKeeping& keeping,
                               std::string_view tenant, std::string_view source, std::string_view settings,
                               std::string_view reason = {});
// While disabled it takes nothing. Again is no error.
Result<SourceState> disable_source(postgres::Transaction& tx, const Actor& actor, std::string_view tenant,
                                   std::string_view source, std::string_view reason = {});
Result<SourceState> enable_source(postgres::Transaction& tx, const Actor& actor, std::string_view tenant,
                                  std::string_view source, std::string_view reason = {});

}  // namespace tollgate::tenants
