// What operators say of the directories of tenants, and of who a payer is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "crypto/keyring.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::enrichment {

// What a sealed token is bound to.
std::string directory_seal_context(const Uuid& tenant, std::string_view provider);

struct DirectorySettings {
    std::string url{};  // with {id} where the payer's goes; empty: operators alone say who is who
    std::optional<Secret> token{};
};

struct DirectoryState {
    std::string tenant_slug;
    std::string provider;
    std::optional<std::string> url;
    bool has_token = false;
    std::optional<Timestamp> off_at;
    std::int64_t unmapped = 0;  // payers that are not known
};

// From now on the provider's events of the tenant go on only with who the payer is. The keyring is needed for
// a token alone.
Result<DirectoryState> set_directory(postgres::Transaction& tx, const tenants::Actor& actor,
                                     std::string_view tenant, std::string_view provider,
                                     const DirectorySettings& settings, const crypto::Keyring* keyring,
                                     std::string_view reason);
// From now on they go on without it, also what is held for it.
Result<DirectoryState> turn_directory_off(postgres::Transaction& tx, const tenants::Actor& actor,
                                          std::string_view tenant, std::string_view provider,
                                          std::string_view reason);
Result<std::vector<DirectoryState>> list_directories(postgres::Transaction& tx, const tenants::Actor& actor,
                                                     const std::optional<std::string>& tenant);

struct Mapping {
    std::string customer;   // the provider's id
    std::string reference;  // in the tenant's own system
};
struct Mapped {
    std::int64_t mapped = 0;
    std::int64_t released = 0;  // events that were held for such
};
// Over whatever was known before. What is held for it is tried again.
Result<Mapped> map_references(postgres::Transaction& tx, const tenants::Actor& actor, std::string_view tenant,
                              std::string_view provider, std::span<const Mapping> mappings,
                              std::string_view reason);

struct ReferenceFilter {
    std::optional<std::string> tenant{};  // uuid or slug
    std::optional<std::string> provider{};
    bool unmapped = false;  // those that are not known alone
    std::int64_t limit = 100;
};
struct Reference {
    std::string tenant_slug;
    std::string provider;
    std::string customer;
    std::optional<std::string> reference;
    std::optional<std::string> told_by;
    Timestamp changed_at;
};
// The newest first.
Result<std::vector<Reference>> list_references(postgres::Transaction& tx, const tenants::Actor& actor,
                                               const ReferenceFilter& filter);

}  // namespace tollgate::enrichment
