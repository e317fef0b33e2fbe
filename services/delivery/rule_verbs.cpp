#include "delivery/rule_verbs.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include <boost/json/array.hpp>

#include "delivery/compose.hpp"
#include "delivery/rule_rows.hpp"
#include "delivery/stored_event.hpp"
#include "tenants/audit.hpp"
#include "tenants/destinations.hpp"
#include "tenants/names.hpp"

namespace tollgate::delivery {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

struct Names {
    std::string tenant;
    std::string destination;
};

std::map<DestinationKey, Names> destinations(Transaction& tx, const std::optional<Uuid>& tenant) {
    std::map<DestinationKey, Names> names;
    for (const postgres::Row row :
         tx.execute("select d.tenant, d.destination, t.slug, d.slug from tenants.destination d "
                    "join tenants.tenant t using (tenant) "
                    "where $1::uuid is null or d.tenant = $1 order by t.slug, d.slug",
                    tenant)) {
        names[{row.get<Uuid>(0), row.get<Uuid>(1)}] = {.tenant = row.get<std::string>(2),
                                                       .destination = row.get<std::string>(3)};
    }
    return names;
}

std::vector<ListedRule> listed(Transaction& tx, const std::optional<Uuid>& tenant,
                               const std::optional<Uuid>& destination) {
    std::vector<ListedRule> all;
    for (const auto& [key, names] : destinations(tx, tenant)) {
        if (destination && key.second != *destination) continue;
        for (Rule& rule : rules_of(tx, key)) {
            all.push_back({.rule = std::move(rule),
                           .tenant_slug = names.tenant,
                           .destination_slug = names.destination});
        }
    }
    std::ranges::sort(all, {}, [](const ListedRule& each) {
        return std::tuple{each.tenant_slug, each.destination_slug, each.rule.place, each.rule.id};
    });
    return all;
}

boost::json::object as_arguments(const ListedRule& listed) {
    const Rule& rule = listed.rule;
    const auto words = [](const std::vector<std::string>& all) {
        return boost::json::array(all.begin(), all.end());
    };
    boost::json::object arguments{{"rule", rule.id.text()},
                                  {"name", rule.name},
                                  {"place", rule.place},
                                  {"destination", listed.destination_slug},
                                  {"way", name(rule.way)},
                                  {"categories", words(rule.categories)},
                                  {"types", words(rule.types)},
                                  {"plan", rule.plan},
                                  {"mode", rule.mode},
                                  {"mention", rule.mention},
                                  {"quiet", rule.hold_in_quiet ? "hold" : "pass"}};
    if (rule.minimum) {
        arguments["minimum_minor"] = rule.minimum->minor;
        arguments["currency"] = rule.minimum->currency;
    }
    if (rule.priority) arguments["priority"] = *rule.priority;
    return arguments;
}

Result<ListedRule> find(Transaction& tx, const tenants::TenantName& tenant, std::string_view wanted) {
    const auto id = Uuid::parse(wanted);
    std::vector<ListedRule> found;
    for (ListedRule& each : listed(tx, tenant.id, std::nullopt)) {
        if (id ? each.rule.id == *id : each.rule.name == wanted) found.push_back(std::move(each));
    }
    if (found.empty()) {
        return fail(ErrorCode::not_found,
                    "tenant \"{}\" has no rule \"{}\": `tollgate rule list --tenant {}` shows them",
                    tenant.slug, wanted, tenant.slug);
    }
    if (found.size() > 1) {
        return fail(ErrorCode::conflict, "{} rules of tenant \"{}\" are called \"{}\": say which by its id",
                    found.size(), tenant.slug, wanted);
    }
    return std::move(found.front());
}

}  // namespace

Result<std::vector<ListedRule>> list_rules(Transaction& tx, const Actor& actor, const RuleScope& scope) {
    if (!scope.tenant) {
        if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
            return std::unexpected{admitted.error()};
        return listed(tx, std::nullopt, std::nullopt);
    }
    const auto tenant = tenants::admit_to_tenant(tx, actor, Role::viewer, *scope.tenant);
    if (!tenant) return std::unexpected{tenant.error()};
    if (!scope.destination) return listed(tx, tenant->id, std::nullopt);
    const auto destination = tenants::show_destination(tx, actor, *scope.tenant, *scope.destination);
    if (!destination) return std::unexpected{destination.error()};
    return listed(tx, tenant->id, destination->id);
}

Result<ListedRule> add_rule(Transaction& tx, const Actor& actor, std::string_view tenant,
                            const NewRule& wanted, std::string_view reason) {
    const auto of_tenant = tenants::admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    if (const auto fit = tenants::check_title(wanted.rule.name); !fit) return std::unexpected{fit.error()};
    if (const auto fit = check(wanted.rule); !fit) return std::unexpected{fit.error()};
    const auto destination = tenants::show_destination(tx, actor, tenant, wanted.destination);
    if (!destination) return std::unexpected{destination.error()};
    ListedRule added{
        .rule = wanted.rule, .tenant_slug = of_tenant->slug, .destination_slug = destination->slug};
    added.rule.id = make_uuid_v7();
    added.rule.tenant = of_tenant->id;
    added.rule.destination = destination->id;
    const auto others = rules_of(tx, {of_tenant->id, destination->id});
    added.rule.place = wanted.place.value_or(others.empty() ? 10 : others.back().place + 10);
    insert(tx, added.rule);
    tenants::record(
        tx, actor,
        {.verb = "rule add", .tenant = of_tenant->id, .arguments = as_arguments(added), .reason = reason});
    return added;
}

Result<ListedRule> remove_rule(Transaction& tx, const Actor& actor, std::string_view tenant,
                               std::string_view rule, std::string_view reason) {
    const auto of_tenant = tenants::admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    auto found = find(tx, *of_tenant, rule);
    if (!found) return found;
    tx.execute("delete from delivery.rule where tenant = $1 and rule = $2", of_tenant->id, found->rule.id);
    tenants::record(tx, actor,
                    {.verb = "rule remove",
                     .tenant = of_tenant->id,
                     .arguments = as_arguments(*found),
                     .reason = reason});
    return found;
}

Result<RuleTrial> try_rules(Transaction& tx, const Actor& actor, const Uuid& event) {
    const auto stored = look_at_event(tx, actor, event, "rule test");
    if (!stored) return std::unexpected{stored.error()};
    RuleTrial trial{.headline = headline_of(stored->event, {.clock = stored->clock}), .rules = {}};
    const auto in_use = read_rules(tx, std::array{stored->tenant});
    std::optional<Uuid> decided;
    for (ListedRule& each : listed(tx, stored->tenant, std::nullopt)) {
        auto reason = in_use.contains({each.rule.tenant, each.rule.destination})
                          ? why_not(each.rule, stored->event)
                          : "nothing is sent to it: the destination, or the tenant, is disabled";
        const bool decides = !reason && decided != each.rule.destination;
        if (decides) decided = each.rule.destination;
        trial.rules.push_back({.rule = std::move(each), .why_not = std::move(reason), .decides = decides});
    }
    return trial;
}

}  // namespace tollgate::delivery
