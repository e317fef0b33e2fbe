#include "tenants/destinations.hpp"

#include <boost/json/parse.hpp>

#include "core/nearest.hpp"
#include "tenants/audit.hpp"
#include "tenants/destination_rows.hpp"
#include "tenants/names.hpp"

namespace tollgate::tenants {

namespace {

using postgres::Bytes;
using postgres::Json;
using postgres::Row;
using postgres::Rows;
using postgres::Transaction;

Result<std::vector<DestinationState>> read(Transaction& tx, const std::optional<Uuid>& tenant,
                                           const std::optional<Uuid>& destination) {
    const Rows rows = tx.execute(
        "select d.destination, d.tenant, t.slug, d.slug, d.kind, d.settings, d.host, d.fingerprint, "
        "d.key_id, "
        "d.secret_since, d.disabled_at, d.created_at "
        "from tenants.destination d join tenants.tenant t using (tenant) "
        "where ($1::uuid is null or d.tenant = $1) and ($2::uuid is null or d.destination = $2) "
        "order by t.slug, d.slug",
        tenant, destination);
    std::vector<DestinationState> states;
    for (const Row row : rows) {
        auto kind = parse_destination_kind(row.get<std::string_view>(4));
        auto settings = read_settings(row.get<std::string_view>(5));
        if (!kind) return std::unexpected{kind.error()};
        if (!settings) return std::unexpected{settings.error().within(row.get<std::string_view>(3))};
        states.push_back({.id = row.get<Uuid>(0),
                          .tenant = row.get<Uuid>(1),
                          .tenant_slug = row.get<std::string>(2),
                          .slug = row.get<std::string>(3),
                          .kind = *kind,
                          .settings = std::move(*settings),
                          .host = row.get<std::string>(6),
                          .fingerprint = row.get<std::string>(7),
                          .key_id = row.get<std::string>(8),
                          .secret_since = row.get<Timestamp>(9),
                          .disabled_at = row.get<std::optional<Timestamp>>(10),
                          .created_at = row.get<Timestamp>(11)});
    }
    return states;
}

Result<DestinationState> read_one(Transaction& tx, const Uuid& tenant, const Uuid& destination) {
    auto states = read(tx, tenant, destination);
    if (!states) return std::unexpected{states.error()};
    return std::move(states->front());
}

Error no_such_destination(Transaction& tx, const TenantName& tenant, std::string_view destination) {
    std::vector<std::string> slugs;
    for (const Row row :
         tx.execute("select slug from tenants.destination where tenant = $1 limit 10000", tenant.id))
        slugs.push_back(row.get<std::string>(0));
    return {ErrorCode::not_found, fmt::format("tenant \"{}\" has no destination \"{}\"{}", tenant.slug,
                                              destination, did_you_mean(destination, slugs))};
}

struct Found {
    TenantName tenant;
    DestinationState state;
};

// Found for an operator, nobody else changes it until the transaction's end.
Result<Found> find(Transaction& tx, const Actor& actor, Role role, std::string_view tenant,
                   std::string_view destination) {
    auto of_tenant = admit_to_tenant(tx, actor, role, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    const auto id = Uuid::parse(destination);
    const Rows rows =
        tx.execute(fmt::format("select destination from tenants.destination where tenant = $1 and "
                               "(destination = $2 or slug = $3){}",
                               role == Role::viewer ? "" : " for no key update"),
                   of_tenant->id, id ? std::optional{*id} : std::nullopt, destination);
    if (rows.empty()) return std::unexpected{no_such_destination(tx, *of_tenant, destination)};
    auto state = read_one(tx, of_tenant->id, rows.only().get<Uuid>(0));
    if (!state) return std::unexpected{state.error()};
    return Found{.tenant = std::move(*of_tenant), .state = std::move(*state)};
}

Result<DestinationState> turn(Transaction& tx, const Actor& actor, std::string_view tenant,
                              std::string_view destination, bool on, std::string_view reason) {
    const auto found = find(tx, actor, Role::operator_, tenant, destination);
    if (!found) return std::unexpected{found.error()};
    const bool changed =
        tx.execute(
              "update tenants.destination set disabled_at = case when $3 then null else now() end "
              "where tenant = $1 and destination = $2 and (disabled_at is null) <> $3",
              found->tenant.id, found->state.id, on)
            .affected() > 0;
    record(tx, actor,
           {.verb = on ? "destination enable" : "destination disable",
            .tenant = found->tenant.id,
            .arguments = {{"destination", found->state.slug}},
            .result = {{"changed", changed}},
            .reason = reason});
    return read_one(tx, found->tenant.id, found->state.id);
}

}  // namespace

Result<DestinationState> create_destination(Transaction& tx, const Actor& actor,
                                            const crypto::Keyring& keyring, std::string_view tenant,
                                            const NewDestination& wanted, std::string_view reason) {
    const auto of_tenant = admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    if (const auto fit = check_slug("destination", wanted.slug); !fit) return std::unexpected{fit.error()};
    const CheckedSecret& secret = wanted.secret;
    const auto settings = changed({}, wanted.settings, secret.kind());
    if (!settings) return std::unexpected{settings.error()};
    const Uuid id = make_uuid_v7();
    const std::string kept = to_json(*settings);
    const std::string sealed = keyring.seal(secret.value(), destination_seal_context(of_tenant->id, id));
    const auto made = tx.execute(
        "insert into tenants.destination (tenant, destination, slug, kind, settings, sealed, key_id, host, "
        "fingerprint) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (tenant, slug) do nothing",
        of_tenant->id, id, wanted.slug, name(secret.kind()), Json{kept}, Bytes{sealed},
        keyring.sealing_key_id(), secret.host(), secret.fingerprint());
    if (made.affected() == 0) {
        return fail(ErrorCode::conflict,
                    "tenant \"{}\" has a destination \"{}\" already, perhaps a disabled one: a slug is never "
                    "used again",
                    of_tenant->slug, wanted.slug);
    }
    record(tx, actor,
           {.verb = "destination create",
            .tenant = of_tenant->id,
            .arguments = {{"slug", wanted.slug},
                          {"kind", name(secret.kind())},
                          {"settings", boost::json::parse(kept)},
                          {"host", secret.host()},
                          {"fingerprint", secret.fingerprint()}},
            .result = {{"destination", id.text()}},
            .reason = reason});
    return read_one(tx, of_tenant->id, id);
}

Result<std::vector<DestinationState>> list_destinations(Transaction& tx, const Actor& actor,
                                                        const std::optional<std::string>& tenant) {
    if (!tenant) {
        if (const auto admitted = admit(tx, actor, Role::viewer); !admitted)
            return std::unexpected{admitted.error()};
        return read(tx, std::nullopt, std::nullopt);
    }
    const auto of_tenant = admit_to_tenant(tx, actor, Role::viewer, *tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    return read(tx, of_tenant->id, std::nullopt);
}

Result<DestinationState> show_destination(Transaction& tx, const Actor& actor, std::string_view tenant,
                                          std::string_view destination) {
    auto found = find(tx, actor, Role::viewer, tenant, destination);
    if (!found) return std::unexpected{found.error()};
    return std::move(found->state);
}

Result<DestinationState> set_destination(Transaction& tx, const Actor& actor, std::string_view tenant,
                                         std::string_view destination, std::string_view change,
                                         std::string_view reason) {
    const auto found = find(tx, actor, Role::operator_, tenant, destination);
    if (!found) return std::unexpected{found.error()};
    const auto settings = changed(found->state.settings, change, found->state.kind);
    if (!settings) return std::unexpected{settings.error()};
    const auto named = boost::json::parse(change);
    if (named.get_object().empty()) {
        return fail(ErrorCode::invalid, "nothing to set: name a setting of destination \"{}\"",
                    found->state.slug);
    }
    const std::string kept = to_json(*settings);
    tx.execute("update tenants.destination set settings = $3 where tenant = $1 and destination = $2",
               found->tenant.id, found->state.id, Json{kept});
    record(tx, actor,
           {.verb = "destination set",
            .tenant = found->tenant.id,
            .arguments = {{"destination", found->state.slug}, {"settings", named}},
            .reason = reason});
    return read_one(tx, found->tenant.id, found->state.id);
}

Result<DestinationState> disable_destination(Transaction& tx, const Actor& actor, std::string_view tenant,
                                             std::string_view destination, std::string_view reason) {
    return turn(tx, actor, tenant, destination, false, reason);
}

Result<DestinationState> enable_destination(Transaction& tx, const Actor& actor, std::string_view tenant,
                                            std::string_view destination, std::string_view reason) {
    return turn(tx, actor, tenant, destination, true, reason);
}

Result<DestinationState> reconnect_destination(Transaction& tx, const Actor& actor,
                                               const crypto::Keyring& keyring, std::string_view tenant,
                                               std::string_view destination, const CheckedSecret& secret,
                                               std::string_view reason) {
    const auto found = find(tx, actor, Role::operator_, tenant, destination);
    if (!found) return std::unexpected{found.error()};
    const DestinationState& before = found->state;
    if (before.kind != secret.kind()) {
        return fail(
            ErrorCode::conflict,
            "destination \"{}\" is a {}, and this secret is one of a {}: make another destination for "
            "it",
            before.slug, name(before.kind), name(secret.kind()));
    }
    const std::string sealed =
        keyring.seal(secret.value(), destination_seal_context(found->tenant.id, before.id));
    tx.execute(
        "update tenants.destination set sealed = $3, key_id = $4, host = $5, fingerprint = $6, "
        "secret_since = now() where tenant = $1 and destination = $2",
        found->tenant.id, before.id, Bytes{sealed}, keyring.sealing_key_id(), secret.host(),
        secret.fingerprint());
    record(tx, actor,
           {.verb = "destination reconnect",
            .tenant = found->tenant.id,
            .arguments = {{"destination", before.slug},
                          {"host", secret.host()},
                          {"fingerprint", secret.fingerprint()}},
            .result = {{"fingerprint_before", before.fingerprint}},
            .reason = reason});
    return read_one(tx, found->tenant.id, before.id);
}

Result<OpenDestination> test_destination(Transaction& tx, const Actor& actor, const crypto::Keyring& keyring,
                                         std::string_view tenant, std::string_view destination,
                                         std::string_view reason) {
    const auto found = find(tx, actor, Role::operator_, tenant, destination);
    if (!found) return std::unexpected{found.error()};
    const DestinationId id{.tenant = found->tenant.id, .destination = found->state.id};
    OpenDestinations all = open_destinations(tx, keyring, std::span{&id, 1});
    if (!all.not_opened.empty()) return std::unexpected{all.not_opened.front().second};
    record(tx, actor,
           {.verb = "destination test",
            .tenant = found->tenant.id,
            .arguments = {{"destination", found->state.slug}},
            .reason = reason});
    return std::move(all.opened.front());
}

}  // namespace tollgate::tenants
