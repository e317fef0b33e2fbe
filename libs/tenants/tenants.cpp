#include "tenants/tenants.hpp"

#include "core/nearest.hpp"
#include "tenants/audit.hpp"
#include "tenants/names.hpp"

namespace tollgate::tenants {

namespace {

using postgres::Row;
using postgres::Transaction;

Tenant tenant_of(const Row& row) {
    return {.id = row.get<Uuid>(0),
            .slug = row.get<std::string>(1),
            .name = row.get<std::string>(2),
            .plan = row.get<std::string>(3),
            .time_zone = row.get<std::string>(4),
            .disabled_at = row.get<std::optional<Timestamp>>(5),
            .created_at = row.get<Timestamp>(6),
            .sources = row.get<std::int64_t>(7)};
}

Tenant read(Transaction& tx, const Uuid& id) {
    return tenant_of(
        tx.execute("select t.tenant, t.slug, t.name, t.plan, t.time_zone, t.disabled_at, t.created_at, "
                   "(select count(*) from tenants.source s where s.tenant = t.tenant) "
                   "from tenants.tenant t where t.tenant = $1",
                   id)
            .only());
}

Result<void> check_time_zone(Transaction& tx, const std::string& zone) {
    if (tx.execute("select tenants.is_time_zone($1)", zone).only().get<bool>(0)) return {};
    std::vector<std::string> zones;
    for (const Row row : tx.execute("select name from pg_timezone_names where name ~ '^[A-Z][A-Za-z_]*/'"))
        zones.push_back(row.get<std::string>(0));
    return fail(ErrorCode::invalid, "\"{}\" is no time zone of the IANA{}; one is like Europe/Berlin, or UTC",
                zone, did_you_mean(zone, zones));
}

// The tenant itself is what is asked for, and not what belongs to it.
Result<TenantName> find_tenant(Transaction& tx, const Actor& actor, Role needed, std::string_view tenant) {
    auto found = admit_to_tenant(tx, actor, needed, tenant);
    if (!found && found.error().code == ErrorCode::invalid) found.error().code = ErrorCode::not_found;
    return found;
}

Result<Tenant> turn(Transaction& tx, const Actor& actor, std::string_view tenant, bool on,
                    std::string_view reason) {
    const auto found = find_tenant(tx, actor, Role::operator_, tenant);
    if (!found) return std::unexpected{found.error()};
    const bool changed =
        tx.execute(
              "update tenants.tenant set disabled_at = case when $2 then null else now() end "
              "where tenant = $1 and (disabled_at is null) <> $2",
              found->id, on)
            .affected() > 0;
    record(tx, actor,
           {.verb = on ? "tenant enable" : "tenant disable",
            .tenant = found->id,
            .result = {{"changed", changed}},
            .reason = reason});
    return read(tx, found->id);
}

}  // namespace

Result<Tenant> create_tenant(Transaction& tx, const Actor& actor, const NewTenant& wanted,
                             std::string_view reason) {
    if (const auto admitted = admit_to_platform(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    const std::string& name = wanted.name.empty() ? wanted.slug : wanted.name;
    if (const auto fit = check_slug("tenant", wanted.slug); !fit) return std::unexpected{fit.error()};
    if (const auto fit = check_title(name); !fit) return std::unexpected{fit.error()};
    if (const auto fit = check_plan(wanted.plan); !fit) return std::unexpected{fit.error()};
    if (const auto fit = check_time_zone(tx, wanted.time_zone); !fit) return std::unexpected{fit.error()};
    const Uuid id = make_uuid_v7();
    const auto made = tx.execute(
        "insert into tenants.tenant (tenant, slug, name, plan, time_zone) values ($1, $2, $3, $4, $5) "
        "on conflict (slug) do nothing",
        id, wanted.slug, name, wanted.plan, wanted.time_zone);
    if (made.affected() == 0) {
        return fail(ErrorCode::conflict,
                    "there is a tenant \"{}\" already, perhaps a disabled one: a slug is never used again",
                    wanted.slug);
    }
    record(tx, actor,
           {.verb = "tenant create",
            .tenant = id,
            .arguments = {{"slug", wanted.slug},
                          {"name", name},
                          {"plan", wanted.plan},
                          {"time_zone", wanted.time_zone}},
            .result = {{"tenant", id.text()}},
            .reason = reason});
    return read(tx, id);
}

Result<std::vector<Tenant>> list_tenants(Transaction& tx, const Actor& actor) {
    if (const auto admitted = admit(tx, actor, Role::viewer); !admitted)
        return std::unexpected{admitted.error()};
    std::vector<Tenant> tenants;
    for (const Row row :
         tx.execute("select t.tenant, t.slug, t.name, t.plan, t.time_zone, t.disabled_at, t.created_at, "
                    "coalesce(s.count, 0) from tenants.tenant t left join "
                    "(select tenant, count(*) from tenants.source group by tenant) s using (tenant) order by "
                    "t.slug")) {
        tenants.push_back(tenant_of(row));
    }
    return tenants;
}

Result<Tenant> show_tenant(Transaction& tx, const Actor& actor, std::string_view tenant) {
    const auto found = find_tenant(tx, actor, Role::viewer, tenant);
    if (!found) return std::unexpected{found.error()};
    return read(tx, found->id);
}

Result<Tenant> set_tenant(Transaction& tx, const Actor& actor, std::string_view tenant,
                          const TenantChange& change, std::string_view reason) {
    const auto found = find_tenant(tx, actor, Role::operator_, tenant);
    if (!found) return std::unexpected{found.error()};
    boost::json::object arguments;
    if (change.name) {
        if (const auto fit = check_title(*change.name); !fit) return std::unexpected{fit.error()};
        arguments["name"] = *change.name;
    }
    if (change.plan) {
        if (const auto fit = check_plan(*change.plan); !fit) return std::unexpected{fit.error()};
        arguments["plan"] = *change.plan;
    }
    if (change.time_zone) {
        if (const auto fit = check_time_zone(tx, *change.time_zone); !fit)
            return std::unexpected{fit.error()};
        arguments["time_zone"] = *change.time_zone;
    }
    if (arguments.empty()) {
        return fail(ErrorCode::invalid, "nothing to set: give --name, --plan or --time-zone");
    }
    tx.execute(
        "update tenants.tenant set name = coalesce($2, name), plan = coalesce($3, plan), "
        "time_zone = coalesce($4, time_zone) where tenant = $1",
        found->id, change.name, change.plan, change.time_zone);
    record(tx, actor,
           {.verb = "tenant set", .tenant = found->id, .arguments = std::move(arguments), .reason = reason});
    return read(tx, found->id);
}

Result<Tenant> disable_tenant(Transaction& tx, const Actor& actor, std::string_view tenant,
                              std::string_view reason) {
    return turn(tx, actor, tenant, false, reason);
}

Result<Tenant> enable_tenant(Transaction& tx, const Actor& actor, std::string_view tenant,
                             std::string_view reason) {
    return turn(tx, actor, tenant, true, reason);
}

}  // namespace tollgate::tenants
