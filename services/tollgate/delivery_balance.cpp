#include "tollgate/delivery_balance.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;

Imbalance found(const postgres::Row& row, std::string kind, std::string what, std::string command) {
    return {.kind = std::move(kind),
            .hour = std::nullopt,
            .tenant = row.get<Uuid>(0),
            .tenant_name = row.get<std::string>(1),
            .consumer = "delivery",
            .number = row.get<std::int64_t>(2),
            .what = std::move(what),
            .command = std::move(command)};
}

void add_unsent(Transaction& tx, const std::optional<Uuid>& tenant, std::vector<Imbalance>& all) {
    for (const postgres::Row row : tx.execute(
             "select d.tenant, t.slug, count(*), d.state from delivery.delivery d join tenants.tenant t "
             "using (tenant) where d.state in ('dead', 'unknown') and ($1::uuid is null or d.tenant = $1) "
             "group by d.tenant, t.slug, d.state order by t.slug, d.state",
             tenant)) {
        const bool is_dead = row.get<std::string_view>(3) == "dead";
        all.push_back(
            found(row, std::string{row.get<std::string_view>(3)},
                  is_dead ? "messages were given up" : "messages of which nobody knows whether they arrived",
                  fmt::format("tollgate delivery list --tenant {} --state {}", row.get<std::string_view>(1),
                              row.get<std::string_view>(3))));
    }
}

void add_broken(Transaction& tx, const std::optional<Uuid>& tenant, std::vector<Imbalance>& all) {
    for (const postgres::Row row : tx.execute(
             "select l.tenant, t.slug, (select count(*) from delivery.delivery d where d.tenant = l.tenant "
             "and d.destination = l.destination and d.state = 'waiting'), x.slug, l.broken_reason "
             "from delivery.lane l join tenants.destination x using (tenant, destination) "
             "join tenants.tenant t using (tenant) where l.broken_at >= x.secret_since and x.disabled_at is "
             "null "
             "and ($1::uuid is null or l.tenant = $1) order by t.slug, x.slug",
             tenant)) {
        all.push_back(found(row, "broken",
                            fmt::format("messages wait for destination \"{}\", which takes none: {}",
                                        row.get<std::string_view>(3), row.get<std::string_view>(4)),
                            fmt::format("tollgate destination reconnect {} --tenant {} --secret-file F",
                                        row.get<std::string_view>(3), row.get<std::string_view>(1))));
    }
}

}  // namespace

Result<std::vector<Imbalance>> undelivered(Transaction& tx, const tenants::Actor& actor,
                                           const std::optional<std::string>& tenant) {
    std::optional<Uuid> of_tenant;
    if (tenant) {
        const auto admitted = tenants::admit_to_tenant(tx, actor, tenants::Role::viewer, *tenant);
        if (!admitted) return std::unexpected{admitted.error()};
        of_tenant = admitted->id;
    } else if (const auto admitted = tenants::admit(tx, actor, tenants::Role::viewer); !admitted) {
        return std::unexpected{admitted.error()};
    }
    std::vector<Imbalance> all;
    add_unsent(tx, of_tenant, all);
    add_broken(tx, of_tenant, all);
    return all;
}

}  // namespace tollgate
