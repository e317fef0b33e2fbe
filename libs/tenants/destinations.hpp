// Destinations: where notifications go. Each verb is one function, in the caller's transaction; what changes
// something records it in the audit log of the same transaction. None gives a secret back.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "crypto/keyring.hpp"
#include "tenants/actor.hpp"
#include "tenants/destination_secret.hpp"
#include "tenants/destination_settings.hpp"

namespace tollgate::tenants {

struct DestinationState {
    Uuid id;
    Uuid tenant;
    std::string tenant_slug;
    std::string slug;
    DestinationKind kind = DestinationKind::slack_webhook;
    DestinationSettings settings;
    std::string host;         // that the webhook leads to; empty: the channel's own
    std::string fingerprint;  // of the secret
    std::string key_id;       // of the key that sealed it
    Timestamp secret_since;
    std::optional<Timestamp> disabled_at;
    Timestamp created_at;
};

struct NewDestination {
    std::string slug;
    CheckedSecret secret;         // and its kind
    std::string settings = "{}";  // those that are not the default's
};

Result<DestinationState> create_destination(postgres::Transaction& tx, const Actor& actor,
                                            const crypto::Keyring& keyring, std::string_view tenant,
                                            const NewDestination& wanted, std::string_view reason = {});
// Of one tenant, or of all that the actor may see.
Result<std::vector<DestinationState>> list_destinations(postgres::Transaction& tx, const Actor& actor,
                                                        const std::optional<std::string>& tenant);
// By uuid or slug, here and below.
Result<DestinationState> show_destination(postgres::Transaction& tx, const Actor& actor,
                                          std::string_view tenant, std::string_view destination);
// The settings that the JSON object names; null puts one back to its default.
Result<DestinationState> set_destination(postgres::Transaction& tx, const Actor& actor,
                                         std::string_view tenant, std::string_view destination,
                                         std::string_view change, std::string_view reason = {});
// While disabled nothing is sent to it. Again is no error.
Result<DestinationState> disable_destination(postgres::Transaction& tx, const Actor& actor,
                                             std::string_view tenant, std::string_view destination,
                                             std::string_view reason = {});
Result<DestinationState> enable_destination(postgres::Transaction& tx, const Actor& actor,
                                            std::string_view tenant, std::string_view destination,
                                            std::string_view reason = {});
// Another secret, of the same kind, in the place of the one that it has.
Result<DestinationState> reconnect_destination(postgres::Transaction& tx, const Actor& actor,
                                               const crypto::Keyring& keyring, std::string_view tenant,
                                               std::string_view destination, const CheckedSecret& secret,
                                               std::string_view reason = {});

// As the sender has it, for the length of a call.
struct OpenDestination {
    Uuid tenant;
    Uuid id;
    std::string tenant_slug;
    std::string time_zone;  // the tenant's, of the IANA
    std::string slug;
    DestinationKind kind = DestinationKind::slack_webhook;
    bool enabled = true;  // it and its tenant
    Secret secret;
    DestinationSettings settings;
};

struct DestinationId {
    Uuid tenant;
    Uuid destination;

    auto operator<=>(const DestinationId&) const = default;
};

struct OpenDestinations {
    std::vector<OpenDestination> opened;
    // Sealed under a key that this process does not have, or not what this release can read.
    std::vector<std::pair<DestinationId, Error>> not_opened;
};

// Those asked for, in one statement and in the order of tenant and destination; one that is not there is not
// among them. For the role of delivery, without an actor. Throws SqlError, as a statement does.
OpenDestinations open_destinations(postgres::Transaction& tx, const crypto::Keyring& keyring,
                                   std::span<const DestinationId> wanted);

// One, for a test message that the caller then sends; it is on record that one is sent.
Result<OpenDestination> test_destination(postgres::Transaction& tx, const Actor& actor,
                                         const crypto::Keyring& keyring, std::string_view tenant,
                                         std::string_view destination, std::string_view reason = {});

}  // namespace tollgate::tenants
