#include "tenants/actor.hpp"

#include <algorithm>
#include <array>

#include <fmt/ranges.h>

#include "core/nearest.hpp"
#include "crypto/digest.hpp"
#include "tenants/uuid_list.hpp"

namespace tollgate::tenants {

namespace {

using postgres::Row;
using postgres::Transaction;

constexpr auto roles = std::to_array<std::string_view>({"viewer", "operator", "admin"});
constexpr std::string_view everybody = "*";

void see(Transaction& tx, std::string_view tenants) {
    tx.execute("select set_config('tollgate.tenant', $1, true)", tenants);
}

Result<void> require_role(const Actor& actor, Role needed) {
    if (actor.role >= needed) return {};
    return fail(ErrorCode::forbidden, "operator \"{}\" is {}, and this needs the role {}: ask an admin",
                actor.name, name_with_article(actor.role), name(needed));
}

std::vector<std::string> visible_slugs(Transaction& tx) {
    std::vector<std::string> slugs;
    for (const Row row : tx.execute("select slug from tenants.tenant order by slug limit 10000"))
        slugs.push_back(row.get<std::string>(0));
    return slugs;
}

Error no_such_tenant(Transaction& tx, const Actor& actor, std::string_view tenant) {
    const std::vector<std::string> slugs = visible_slugs(tx);
    // To one who is limited it makes no difference whether there is such a tenant.
    if (actor.tenants) {
        return {ErrorCode::forbidden, fmt::format("operator \"{}\" may act for {} only, and not for \"{}\"",
                                                  actor.name, fmt::join(slugs, ", "), tenant)};
    }
    // Whose things were meant: who has misspelt it must not take that for "there is nothing".
    return {ErrorCode::invalid,
            fmt::format("there is no tenant \"{}\"{}", tenant, did_you_mean(tenant, slugs))};
}

}  // namespace

std::string_view name(Role role) {
    return roles.at(static_cast<std::size_t>(role));
}

std::string_view name_with_article(Role role) {
    return std::array{"a viewer", "an operator", "an admin"}.at(static_cast<std::size_t>(role));
}

Result<Role> parse_role(std::string_view text) {
    const auto* const found = std::ranges::find(roles, text);
    if (found != roles.end()) return static_cast<Role>(found - roles.begin());
    return fail(ErrorCode::invalid, "\"{}\" is no role: there are {}{}", text, fmt::join(roles, ", "),
                did_you_mean(text, roles));
}

Result<Actor> authenticate(Transaction& tx, const Secret& token) {
    const std::string hash = crypto::sha256(token.reveal());
    const auto rows =
        tx.execute("select name, role, array_to_string(tenants, ',') from tenants.operator_of($1)",
                   postgres::Bytes{hash});
    if (rows.empty()) {
        return fail(ErrorCode::unauthenticated,
                    "the operator's token is not one of this database's, or was retired: ask an admin for "
                    "`tollgate operator add`");
    }
    const auto [who, role_name, tenants] =
        rows.only().as<std::string, std::string, std::optional<std::string>>();
    const auto role = parse_role(role_name);
    if (!role) return std::unexpected{role.error()};
    Actor actor{.name = who, .role = *role, .tenants = {}};
    if (tenants) actor.tenants = parse_uuid_list(*tenants);
    return actor;
}

Result<void> admit(Transaction& tx, const Actor& actor, Role needed) {
    if (const auto fit = require_role(actor, needed); !fit) return fit;
    see(tx, actor.tenants ? uuid_list(*actor.tenants) : std::string{everybody});
    return {};
}

Result<void> admit_to_platform(Transaction& tx, const Actor& actor, Role needed) {
    if (const auto fit = require_role(actor, needed); !fit) return fit;
    if (actor.tenants) {
        return fail(
            ErrorCode::forbidden,
            "operator \"{}\" is limited to some tenants, and this is about the whole platform: ask an "
            "admin",
            actor.name);
    }
    see_all_tenants(tx);
    return {};
}

Result<TenantName> admit_to_tenant(Transaction& tx, const Actor& actor, Role needed,
                                   std::string_view tenant) {
    if (const auto admitted = admit(tx, actor, needed); !admitted) return std::unexpected{admitted.error()};
    const auto id = Uuid::parse(tenant);
    const auto rows = id ? tx.execute("select tenant, slug from tenants.tenant where tenant = $1", *id)
                         : tx.execute("select tenant, slug from tenants.tenant where slug = $1", tenant);
    if (rows.empty()) return std::unexpected{no_such_tenant(tx, actor, tenant)};
    const auto [found, slug] = rows.only().as<Uuid, std::string>();
    see(tx, found.text());
    return TenantName{.id = found, .slug = slug};
}

void see_all_tenants(Transaction& tx) {
    see(tx, everybody);
}

}  // namespace tollgate::tenants
