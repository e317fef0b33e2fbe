#include "consumer/heard.hpp"

namespace tollgate::consumer {

Result<std::vector<HeardSource>> list_heard(postgres::Transaction& tx, const tenants::Actor& actor,
                                            const std::optional<std::string>& tenant, bool silent_alone) {
    std::optional<Uuid> only;
    if (tenant) {
        const auto found = tenants::admit_to_tenant(tx, actor, tenants::Role::viewer, *tenant);
        if (!found) return std::unexpected{found.error()};
        only = found->id;
    } else if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted) {
        return std::unexpected{admitted.error()};
    }
    std::vector<HeardSource> all;
    for (const postgres::Row row : tx.execute(
             "select t.slug::text, s.slug::text, s.provider, h.heard_at, "
             "h.heard_at + consumer.silence_after(h.longest_pause), coalesce(consumer.is_silent(h), false) "
             "from tenants.source s join tenants.tenant t using (tenant) "
             "left join consumer.heard h using (tenant, source) "
             "where s.disabled_at is null and t.disabled_at is null and ($1::uuid is null or tenant = $1) "
             "and (not $2 or consumer.is_silent(h)) order by h.heard_at nulls first, 1, 2",
             only, silent_alone)) {
        all.push_back({.tenant_slug = row.get<std::string>(0),
                       .slug = row.get<std::string>(1),
                       .provider = row.get<std::string>(2),
                       .heard_at = row.get<std::optional<Timestamp>>(3),
                       .is_silent_from = row.get<std::optional<Timestamp>>(4),
                       .is_silent = row.get<bool>(5)});
    }
    return all;
}

}  // namespace tollgate::consumer
