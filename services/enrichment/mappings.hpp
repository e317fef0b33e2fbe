// The operators' verbs on who payers are in the tenants' own systems.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::enrichment {

struct Mapping {
    std::string customer;   // the provider's id
    std::string reference;  // in the tenant's own system
};
struct Mapped {
    std::int64_t mapped = 0;
    std::int64_t released = 0;  // events that were held for such
};
struct MapReferences {
    std::string tenant;
    std::string provider;
    // Whose numbers the ids are, where the provider's are not unique everywhere: "source/hill". None: of whom
    // an event has told, or may tell, if that is one.
    std::optional<std::string> within{};
};
// Over whatever was known before. What is held for it is tried again.
Result<Mapped> map_references(postgres::Transaction& tx, const tenants::Actor& actor,
                              const MapReferences& order, std::span<const Mapping> mappings,
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
    std::string realm;  // see MapReferences::within
};
// The newest first.
Result<std::vector<Reference>> list_references(postgres::Transaction& tx, const tenants::Actor& actor,
                                               const ReferenceFilter& filter);

// The one tenant, or all that the actor may see.
Result<std::optional<Uuid>> admit_to_mappings(postgres::Transaction& tx, const tenants::Actor& actor,
                                              const std::optional<std::string>& tenant);
// All that is held for a payer of the tenant is tried again: who is still unknown is held again. Gives how
// many.
Result<std::int64_t> release_unmapped(postgres::Transaction& tx, const tenants::Actor& actor,
                                      const Uuid& tenant, std::string_view reason);

}  // namespace tollgate::enrichment
