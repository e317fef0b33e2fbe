#include "tenants/operators.hpp"

#include <algorithm>
#include <ranges>

#include <boost/json/array.hpp>

#include "core/nearest.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/random.hpp"
#include "tenants/audit.hpp"
#include "tenants/names.hpp"
#include "tenants/uuid_list.hpp"

namespace tollgate::tenants {

namespace {

using postgres::Bytes;
using postgres::Row;
using postgres::Transaction;

constexpr std::size_t token_random_bytes = 32;

constexpr const char* admins =
    "select name from tenants.operator where role = 'admin' and tenants is null and retired_at is null order "
    "by name";

Secret make_token() {
    return Secret{"tgo_" + crypto::base64url_encode(crypto::random_bytes(token_random_bytes))};
}

// "<uuid> <slug>,<uuid> <slug>"
std::vector<TenantName> parse_tenants(std::string_view text) {
    constexpr std::size_t uuid_length = 36;
    std::vector<TenantName> tenants;
    for (const auto part : std::views::split(text, ',')) {
        const std::string_view one{part};
        tenants.push_back({.id = parse_uuid_list(one.substr(0, uuid_length)).front(),
                           .slug = std::string{one.substr(uuid_length + 1)}});
    }
    return tenants;
}

// Where it stands in the log: an actor who is limited writes nothing about the platform.
std::optional<Uuid> tenant_on_record(const Actor& actor, const std::optional<std::vector<Uuid>>& tenants) {
    if (!tenants || (!actor.tenants && tenants->size() > 1)) return std::nullopt;
    return tenants->front();
}

std::vector<OperatorState> read(Transaction& tx, const std::optional<std::string>& name) {
    const auto rows = tx.execute(
        "select o.name, o.role, (select string_agg(format('%s %s', t.tenant, t.slug), ',' order by t.slug) "
        "from tenants.tenant t where t.tenant = any (o.tenants)), o.retired_at, o.created_at "
        "from tenants.operator o where ($1::text is null or o.name = $1) order by o.name",
        name);
    std::vector<OperatorState> operators;
    for (const Row row : rows) {
        OperatorState one{.name = row.get<std::string>(0),
                          .role = parse_role(row.get<std::string_view>(1)).value_or(Role::viewer),
                          .tenants = {},
                          .retired_at = row.get<std::optional<Timestamp>>(3),
                          .created_at = row.get<Timestamp>(4)};
        if (const auto tenants = row.get<std::optional<std::string>>(2))
            one.tenants = parse_tenants(*tenants);
        operators.push_back(std::move(one));
    }
    return operators;
}

Result<AddedOperator> put(Transaction& tx, const Actor& actor, const NewOperator& wanted,
                          const std::optional<std::vector<Uuid>>& tenants, std::string_view reason) {
    if (const auto fit = check_operator_name(wanted.name); !fit) return std::unexpected{fit.error()};
    Secret token = make_token();
    const std::string hash = crypto::sha256(token.reveal());
    const auto made = tx.execute(
        "insert into tenants.operator (name, role, tenants, token_sha256) values "
        "($1, $2, string_to_array($3, ',')::uuid[], $4) on conflict (name) do nothing",
        wanted.name, name(wanted.role), tenants.transform(uuid_list), Bytes{hash});
    if (made.affected() == 0) {
        return fail(ErrorCode::conflict,
                    "there is or was an operator \"{}\", and a name is used once: choose another",
                    wanted.name);
    }
    boost::json::value of_tenants = "*";
    if (tenants) {
        boost::json::array ids;
        for (const Uuid& id : *tenants) ids.emplace_back(id.text());
        of_tenants = std::move(ids);
    }
    record(tx, actor,
           {.verb = "operator add",
            .tenant = tenant_on_record(actor, tenants),
            .arguments = {{"name", wanted.name},
                          {"role", name(wanted.role)},
                          {"tenants", std::move(of_tenants)}},
            .reason = reason});
    return AddedOperator{.state = read(tx, wanted.name).front(), .token = std::move(token)};
}

}  // namespace

Result<AddedOperator> add_operator(Transaction& tx, const Actor& actor, const NewOperator& wanted,
                                   std::string_view reason) {
    if (wanted.tenants.empty()) {
        if (const auto admitted = admit_to_platform(tx, actor, Role::admin); !admitted)
            return std::unexpected{admitted.error()};
        return put(tx, actor, wanted, std::nullopt, reason);
    }
    std::vector<Uuid> ids;
    for (const std::string& tenant : wanted.tenants) {
        const auto found = admit_to_tenant(tx, actor, Role::admin, tenant);
        if (!found) return std::unexpected{found.error()};
        if (std::ranges::find(ids, found->id) == ids.end()) ids.push_back(found->id);
    }
    if (const auto admitted = admit(tx, actor, Role::admin); !admitted)
        return std::unexpected{admitted.error()};
    return put(tx, actor, wanted, ids, reason);
}

Result<std::vector<OperatorState>> list_operators(Transaction& tx, const Actor& actor) {
    if (const auto admitted = admit(tx, actor, Role::admin); !admitted)
        return std::unexpected{admitted.error()};
    return read(tx, std::nullopt);
}

Result<OperatorState> retire_operator(Transaction& tx, const Actor& actor, const std::string& name,
                                      std::string_view reason) {
    if (const auto admitted = admit(tx, actor, Role::admin); !admitted)
        return std::unexpected{admitted.error()};
    const auto visible = read(tx, std::nullopt);
    const auto found = std::ranges::find(visible, name, &OperatorState::name);
    if (found == visible.end()) {
        return fail(ErrorCode::not_found, "there is no operator \"{}\"{}", name,
                    did_you_mean(name, visible | std::views::transform(&OperatorState::name)));
    }
    // Locked, so that two do not retire each other at the same time.
    const auto left = tx.execute(std::string{admins} + " for update");
    if (left.size() == 1 && left.only().get<std::string>(0) == name) {
        return fail(ErrorCode::conflict, "\"{}\" is the last admin of the platform: add another one first",
                    name);
    }
    const bool changed =
        tx.execute("update tenants.operator set retired_at = now() where name = $1 and retired_at is null",
                   name)
            .affected() > 0;
    std::optional<std::vector<Uuid>> ids;
    if (found->tenants) {
        ids.emplace();
        for (const TenantName& tenant : *found->tenants) ids->push_back(tenant.id);
    }
    record(tx, actor,
           {.verb = "operator retire",
            .tenant = tenant_on_record(actor, ids),
            .arguments = {{"name", name}},
            .result = {{"changed", changed}},
            .reason = reason});
    return read(tx, name).front();
}

bool may_add_first_operator(Transaction& tx) {
    const bool owns =
        tx.execute(
              "select coalesce(bool_or(pg_has_role(c.relowner, 'usage')), false) from pg_class c "
              "join pg_namespace n on n.oid = c.relnamespace "
              "where n.nspname = 'tenants' and c.relname = 'operator'")
            .only()
            .get<bool>(0);
    if (!owns) return false;
    see_all_tenants(tx);
    return tx.execute(admins).empty();
}

Result<AddedOperator> add_first_operator(Transaction& tx, const std::string& name) {
    // Two at the same time would both find nobody.
    tx.execute("lock table tenants.operator in share row exclusive mode");
    if (!may_add_first_operator(tx)) {
        return fail(ErrorCode::conflict,
                    "there is an admin already: only an admin's token adds operators from now on");
    }
    const auto login = tx.execute("select session_user::text").only().get<std::string>(0);
    const Actor owner{.name = "login:" + login, .role = Role::admin, .tenants = {}};
    return put(tx, owner, {.name = name, .role = Role::admin}, std::nullopt, "the first operator");
}

}  // namespace tollgate::tenants
