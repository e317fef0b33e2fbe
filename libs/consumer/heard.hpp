// When sources were last heard, as ingress notes it, and which of them are silent that normally speak.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::consumer {

struct HeardSource {
    std::string tenant_slug;
    std::string slug;
    std::string provider;
    std::optional<Timestamp> heard_at;        // none: never
    std::optional<Timestamp> is_silent_from;  // without a word until then it counts as silent
    bool is_silent = false;
};

// Of one tenant, or of all that the actor may see; those that are open, the longest unheard first.
Result<std::vector<HeardSource>> list_heard(postgres::Transaction& tx, const tenants::Actor& actor,
                                            const std::optional<std::string>& tenant, bool silent_alone);

}  // namespace tollgate::consumer
