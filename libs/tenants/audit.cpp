#include "tenants/audit.hpp"

#include <boost/json/serialize.hpp>

namespace tollgate::tenants {

using postgres::Json;
using postgres::Row;
using postgres::Transaction;

void record(Transaction& tx, const Actor& actor, const Deed& deed) {
    const std::string arguments = boost::json::serialize(deed.arguments);
    const std::string result = boost::json::serialize(deed.result);
    tx.execute(
        "insert into tenants.audit (tenant, actor, verb, arguments, result, reason) "
        "values ($1, $2, $3, $4, $5, nullif($6, ''))",
        deed.tenant, actor.name, deed.verb, Json{arguments}, Json{result}, deed.reason);
}

void record_refusal(Transaction& tx, const Actor& actor, Deed deed, std::string_view why) {
    see_all_tenants(tx);
    deed.tenant = std::nullopt;
    deed.result["refused"] = why;
    record(tx, actor, deed);
}

Result<std::vector<AuditEntry>> list_audit(Transaction& tx, const Actor& actor, const AuditFilter& filter) {
    std::optional<Uuid> of_tenant;
    if (filter.tenant) {
        const auto tenant = admit_to_tenant(tx, actor, Role::viewer, *filter.tenant);
        if (!tenant) return std::unexpected{tenant.error()};
        of_tenant = tenant->id;
    } else if (const auto admitted = admit(tx, actor, Role::viewer); !admitted) {
        return std::unexpected{admitted.error()};
    }
    const auto rows = tx.execute(
        "select a.id, a.at, a.tenant, t.slug, a.actor, a.verb, a.arguments, a.result, a.reason "
        "from tenants.audit a left join tenants.tenant t using (tenant) "
        "where ($1::uuid is null or a.tenant = $1) and ($2::text is null or a.actor = $2) "
        "and ($3::text is null or a.verb = $3 or starts_with(a.verb, $3 || ' ')) "
        "and ($4::timestamptz is null or a.at >= $4) and ($5::timestamptz is null or a.at < $5) "
        "order by a.id desc limit $6",
        of_tenant, filter.actor, filter.verb, filter.since, filter.until, filter.limit);
    std::vector<AuditEntry> entries;
    for (const Row row : rows) {
        entries.push_back({.id = row.get<std::int64_t>(0),
                           .at = row.get<Timestamp>(1),
                           .tenant = row.get<std::optional<Uuid>>(2),
                           .tenant_slug = row.get<std::optional<std::string>>(3),
                           .actor = row.get<std::string>(4),
                           .verb = row.get<std::string>(5),
                           .arguments = row.get<std::string>(6),
                           .result = row.get<std::string>(7),
                           .reason = row.get<std::optional<std::string>>(8)});
    }
    return entries;
}

}  // namespace tollgate::tenants
