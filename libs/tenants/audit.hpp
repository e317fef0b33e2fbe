// What operators did. Each verb records it in its own transaction; nobody changes or deletes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "core/clock.hpp"
#include "tenants/actor.hpp"

namespace tollgate::tenants {

// Neither arguments nor result ever have a secret in them.
struct Deed {
    std::string_view verb;         // "source create", as it stands on the command line
    std::optional<Uuid> tenant{};  // none: the platform
    boost::json::object arguments{};
    boost::json::object result{};
    std::string_view reason{};  // in the operator's words, if any were given
};

void record(postgres::Transaction& tx, const Actor& actor, const Deed& deed);

// That somebody was not let do something: on record for the platform, in a transaction of its own.
void record_refusal(postgres::Transaction& tx, const Actor& actor, Deed deed, std::string_view why);

struct AuditEntry {
    std::int64_t id = 0;
    Timestamp at;
    std::optional<Uuid> tenant;
    std::optional<std::string> tenant_slug;
    std::string actor;
    std::string verb;
    std::string arguments;  // JSON objects
    std::string result;
    std::optional<std::string> reason;
};

struct AuditFilter {
    std::optional<std::string> tenant{};  // uuid or slug; none: all that the actor may see
    std::optional<std::string> actor{};
    std::optional<std::string> verb{};  // "source" means all of its verbs
    std::optional<Timestamp> since{};
    std::optional<Timestamp> until{};
    std::int64_t limit = 100;
};

// The newest first.
Result<std::vector<AuditEntry>> list_audit(postgres::Transaction& tx, const Actor& actor,
                                           const AuditFilter& filter);

}  // namespace tollgate::tenants
