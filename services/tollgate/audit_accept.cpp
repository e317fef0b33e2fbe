#include "tollgate/audit_accept.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <boost/json/object.hpp>

#include "tenants/audit.hpp"
#include "tenants/reason.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;

constexpr std::string_view verb = "audit accept";

// Its command has the time, and of a killed process the moment of its last word.
std::string name_of(const Imbalance& found) {
    return fmt::format("{} {} {}", found.kind, found.consumer, found.command);
}

}  // namespace

bool can_be_accepted(const Imbalance& found) {
    constexpr auto kinds = std::to_array<std::string_view>({"lost", "gap", "uncounted", "surplus"});
    return std::ranges::find(kinds, found.kind) != kinds.end();
}

Result<std::int64_t> accept_imbalances(Transaction& tx, const Actor& actor,
                                       const std::vector<Imbalance>& found, std::string_view reason) {
    if (const auto admitted = tenants::admit(tx, actor, tenants::Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    if (const auto given = tenants::require_reason(reason); !given) return std::unexpected{given.error()};
    std::int64_t accepted = 0;
    for (const Imbalance& each : found) {
        if (!can_be_accepted(each)) continue;
        // What is of no tenant is for those of the platform to answer for.
        if (!each.tenant && actor.tenants) continue;
        tenants::record(tx, actor,
                        {.verb = verb,
                         .tenant = each.tenant,
                         .arguments = {{"exception", name_of(each)}, {"what", each.what}},
                         .result = {{"number", each.number}},
                         .reason = reason});
        ++accepted;
    }
    return accepted;
}

std::size_t leave_out_accepted(Transaction& tx, std::vector<Imbalance>& found) {
    std::map<std::string, std::int64_t> accepted;
    for (const postgres::Row row :
         tx.execute("select arguments ->> 'exception', max((result ->> 'number')::bigint) from tenants.audit "
                    "where verb = $1 and arguments ? 'exception' group by 1",
                    verb))
        accepted[row.get<std::string>(0)] = row.get<std::int64_t>(1);
    return std::erase_if(found, [&](const Imbalance& each) {
        const auto known = accepted.find(name_of(each));
        return can_be_accepted(each) && known != accepted.end() && known->second >= each.number;
    });
}

}  // namespace tollgate
