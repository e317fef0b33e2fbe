// The secrets that a source's requests are verified with. They are sealed before they reach the database, and
// nothing here gives one back but the one that was just made.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/secret.hpp"
#include "crypto/keyring.hpp"
#include "tenants/actor.hpp"
#include "tenants/registry.hpp"

namespace tollgate::tenants {

// What the providers know of their sources; this library does not know them.
struct Catalogue {
    // An error for a provider that there is not, or settings or secrets that it cannot work with, told to the
    // operator. No secrets at all are no error.
    std::function<Result<void>(std::string_view provider, std::string_view settings,
                               std::span<const OpenSecret> secrets)>
        check;
    // A new one, such as the provider itself would give.
    std::function<Result<Secret>(std::string_view provider)> make_secret;
};

// What verbs that touch secrets need besides the actor.
struct SecretKeeping {
    const Catalogue& catalogue;
    const crypto::Keyring& keyring;
};

struct NewSecret {
    std::optional<Secret> value{};  // none: one is made
    std::optional<Timestamp> valid_from{};
    std::optional<Timestamp> valid_until{};
};

struct AddedSecret {
    Uuid id;
    std::optional<Secret> made;  // the only time that it is seen
};

// A secret without its value.
struct SecretState {
    Uuid id;
    std::string tenant_slug;
    std::string source_slug;
    std::string key_id;  // of the key that sealed it
    std::optional<Timestamp> valid_from;
    std::optional<Timestamp> valid_until;
    std::optional<Timestamp> retired_at;
    std::optional<Timestamp> last_used_at;
    Timestamp created_at;
    std::string phase;  // "valid", "not yet", "ended", "retired", by the database's clock
};

struct RetiredSecret {
    SecretState secret;
    std::int64_t still_valid = 0;  // others of the source
};

struct SecretFilter {
    std::optional<std::string> tenant{};  // none: all that the actor may see
    std::optional<std::string> source{};  // needs the tenant
};

Result<AddedSecret> add_secret(postgres::Transaction& tx, const Actor& actor, const SecretKeeping& keeping,
                               std::string_view tenant, std::string_view source, const NewSecret& wanted,
                               std::string_view reason = {});
// Now, or when the time comes. One that has ended already cannot be prolonged by it.
Result<RetiredSecret> retire_secret(postgres::Transaction& tx, const Actor& actor, std::string_view tenant,
                                    std::string_view source, const Uuid& secret, std::optional<Timestamp> at,
                                    std::string_view reason = {});
Result<std::vector<SecretState>> list_secrets(postgres::Transaction& tx, const Actor& actor,
                                              const SecretFilter& filter);

// Where a run of re-sealing stands.
struct ResealStep {
    std::int64_t resealed = 0;
    std::vector<Uuid> not_opened;  // left as they are: the log says why
    // The last of this step: those of sources first, each in the order of the keys; none when nothing was
    // left.
    struct Place {
        bool of_destination = false;
        Uuid tenant{}, of{}, secret{};
    };
    std::optional<Place> last;
};

// Seals the next ones that are not under the keyring's first key, those of destinations too, at most `limit`.
// Interrupted, it goes on where it was by beginning anew.
Result<ResealStep> reseal_secrets(postgres::Transaction& tx, const Actor& actor,
                                  const crypto::Keyring& keyring,
                                  const std::optional<ResealStep::Place>& after, std::int64_t limit,
                                  std::string_view reason = {});

}  // namespace tollgate::tenants
