// `tollgate tenant`: who the sources belong to.
#include <boost/json/object.hpp>

#include "tenants/tenants.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/operator_session.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Tenant;

struct TenantConfig : OperatorConfig {
    std::string slug;
    std::string name;
    std::string plan;
    std::string time_zone;

    void declare_properties(process::Settings& settings) {
        settings.add_option("name", name, "for people");
        settings.add_option("plan", plan, "what limits it");
        settings.add_option("time-zone", time_zone, "of the IANA, as Europe/Berlin");
    }
};

boost::json::object to_json(const Tenant& tenant) {
    return {{"tenant", tenant.id.text()},
            {"slug", tenant.slug},
            {"name", tenant.name},
            {"plan", tenant.plan},
            {"time_zone", tenant.time_zone},
            {"sources", tenant.sources},
            {"disabled_at", json_or_null(tenant.disabled_at)},
            {"created_at", to_rfc3339(tenant.created_at)}};
}

process::Exit print(const Tenant& tenant, bool json) {
    if (json) {
        print_json(to_json(tenant));
        return process::Exit::done;
    }
    print_table({{"slug", tenant.slug},
                 {"id", tenant.id.text()},
                 {"name", tenant.name},
                 {"plan", tenant.plan},
                 {"time zone", tenant.time_zone},
                 {"sources", std::to_string(tenant.sources)},
                 {"disabled", text_or_dash(tenant.disabled_at)},
                 {"created", to_rfc3339(tenant.created_at)}});
    return process::Exit::done;
}

process::Exit list(const TenantConfig& config) {
    const auto print_all = [&](const std::vector<Tenant>& all) {
        if (all.empty()) {
            return process::report(
                "tollgate tenant list",
                {ErrorCode::not_found, "there is no tenant: `tollgate tenant create SLUG`"});
        }
        std::vector<std::vector<std::string>> rows{
            {"TENANT", "NAME", "PLAN", "TIME ZONE", "SOURCES", "DISABLED"}};
        for (const Tenant& tenant : all) {
            if (config.json) print_json(to_json(tenant));
            rows.push_back({tenant.slug, tenant.name, tenant.plan, tenant.time_zone,
                            std::to_string(tenant.sources), text_or_dash(tenant.disabled_at)});
        }
        if (!config.json) print_table(rows);
        return process::Exit::done;
    };
    return perform("tenant list", config, tenants::list_tenants, print_all);
}

process::Exit create(const TenantConfig& config) {
    tenants::NewTenant wanted{.slug = config.slug, .name = config.name};
    if (!config.plan.empty()) wanted.plan = config.plan;
    if (!config.time_zone.empty()) wanted.time_zone = config.time_zone;
    return perform(
        "tenant create", config,
        [&](Transaction& tx, const Actor& actor) { return create_tenant(tx, actor, wanted, config.reason); },
        [&](const Tenant& tenant) { return print(tenant, config.json); });
}

process::Exit set(const TenantConfig& config) {
    const tenants::TenantChange change{.name = if_given(config.name),
                                       .plan = if_given(config.plan),
                                       .time_zone = if_given(config.time_zone)};
    return perform(
        "tenant set", config,
        [&](Transaction& tx, const Actor& actor) {
            return set_tenant(tx, actor, config.slug, change, config.reason);
        },
        [&](const Tenant& tenant) { return print(tenant, config.json); });
}

process::Exit show(const TenantConfig& config) {
    return perform(
        "tenant show", config,
        [&](Transaction& tx, const Actor& actor) { return show_tenant(tx, actor, config.slug); },
        [&](const Tenant& tenant) { return print(tenant, config.json); });
}

process::Exit disable(const TenantConfig& config) {
    return perform(
        "tenant disable", config,
        [&](Transaction& tx, const Actor& actor) {
            return disable_tenant(tx, actor, config.slug, config.reason);
        },
        [&](const Tenant& tenant) { return print(tenant, config.json); });
}

process::Exit enable(const TenantConfig& config) {
    return perform(
        "tenant enable", config,
        [&](Transaction& tx, const Actor& actor) {
            return enable_tenant(tx, actor, config.slug, config.reason);
        },
        [&](const Tenant& tenant) { return print(tenant, config.json); });
}

void declare_one(process::Settings& settings, TenantConfig& config) {
    settings.add_positional("tenant", config.slug, "its slug or id", true);
}

void declare_change(process::Settings& settings, TenantConfig& config) {
    declare_one(settings, config);
    config.declare_reason(settings);
}

void declare_properties(process::Settings& settings, TenantConfig& config) {
    declare_change(settings, config);
    config.declare_properties(settings);
}

}  // namespace

std::vector<process::Command> tenant_commands() {
    return {
        operator_command<TenantConfig>(
            "tenant create", "Make a tenant.",
            "Its slug stands in URLs, is never changed and never used again.\n\n"
            "  tollgate tenant create acme --name 'Acme, Inc.' --time-zone Europe/Berlin",
            declare_properties, create),
        operator_command<TenantConfig>(
            "tenant list", "Show the tenants.", "  tollgate tenant list --json",
            [](process::Settings&, TenantConfig&) {}, list),
        operator_command<TenantConfig>("tenant show", "Show one tenant.", "  tollgate tenant show acme",
                                       declare_one, show),
        operator_command<TenantConfig>("tenant set", "Change a tenant's name, plan or time zone.",
                                       "  tollgate tenant set acme --plan pro", declare_properties, set),
        operator_command<TenantConfig>("tenant disable", "Take nothing more in for a tenant.",
                                       "Within a second none of its sources takes anything any more.\n\n"
                                       "  tollgate tenant disable acme --reason 'left us'",
                                       declare_change, disable),
        operator_command<TenantConfig>("tenant enable", "Undo `tenant disable`.",
                                       "  tollgate tenant enable acme", declare_change, enable),
    };
}

}  // namespace tollgate
