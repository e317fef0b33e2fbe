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

Result<void> check_directory_url(std::string_view url);

struct DirectorySettings {
    // With {id} where the payer's goes, and maybe {within}: whose number that is. Empty: operators alone say
    // who is who.
    std::string url{};
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

struct ResealedTokens {
    std::int64_t resealed = 0;
    std::int64_t not_opened = 0;  // left as they are: the log says why
};
// Those that are not under the keyring's first key, also of directories that are off.
Result<ResealedTokens> reseal_tokens(postgres::Transaction& tx, const tenants::Actor& actor,
                                     const crypto::Keyring& keyring, std::string_view reason);

}  // namespace tollgate::enrichment
