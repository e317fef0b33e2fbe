#include "tenants/secrets.hpp"

#include "tenants/audit.hpp"
#include "tenants/secret_rows.hpp"

namespace tollgate::tenants {

namespace {

using postgres::Row;
using postgres::Rows;
using postgres::Transaction;

boost::json::value text_of(const std::optional<Timestamp>& time) {
    return time ? boost::json::value(to_rfc3339(*time)) : boost::json::value(nullptr);
}

SecretState state_of(const Row& row) {
    return {.id = row.get<Uuid>(0),
            .tenant_slug = row.get<std::string>(1),
            .source_slug = row.get<std::string>(2),
            .key_id = row.get<std::string>(3),
            .valid_from = row.get<std::optional<Timestamp>>(4),
            .valid_until = row.get<std::optional<Timestamp>>(5),
            .retired_at = row.get<std::optional<Timestamp>>(6),
            .last_used_at = row.get<std::optional<Timestamp>>(7),
            .created_at = row.get<Timestamp>(8),
            .phase = row.get<std::string>(9)};
}

std::vector<SecretState> read(Transaction& tx, const std::optional<Uuid>& tenant,
                              const std::optional<Uuid>& source, const std::optional<Uuid>& secret) {
    const Rows rows = tx.execute(
        "select x.secret, t.slug, s.slug, x.key_id, x.valid_from, x.valid_until, x.retired_at, "
        "x.last_used_at, "
        "x.created_at, case when x.retired_at is not null then 'retired' when x.valid_from > now() then 'not "
        "yet' "
        "when x.valid_until <= now() then 'ended' else 'valid' end "
        "from tenants.secret x join tenants.source s using (tenant, source) join tenants.tenant t using "
        "(tenant) "
        "where ($1::uuid is null or x.tenant = $1) and ($2::uuid is null or x.source = $2) "
        "and ($3::uuid is null or x.secret = $3) order by t.slug, s.slug, x.secret",
        tenant, source, secret);
    std::vector<SecretState> states;
    for (const Row row : rows) states.push_back(state_of(row));
    return states;
}

// What stands against retiring it then.
Result<void> check_retirement(const SecretState& secret, const std::optional<Timestamp>& at) {
    if (secret.retired_at) {
        return fail(ErrorCode::conflict, "secret {} was retired already, at {}", secret.id,
                    to_rfc3339(*secret.retired_at));
    }
    if (at && secret.valid_until && *at >= *secret.valid_until) {
        return fail(ErrorCode::conflict, "secret {} ends at {} already: retiring it at {} would prolong it",
                    secret.id, to_rfc3339(*secret.valid_until), to_rfc3339(*at));
    }
    if (at && secret.valid_from && *at <= *secret.valid_from) {
        return fail(ErrorCode::invalid,
                    "secret {} is valid from {}, and would be retired at {}, before it begins: retire it now",
                    secret.id, to_rfc3339(*secret.valid_from), to_rfc3339(*at));
    }
    return {};
}

}  // namespace

Result<AddedSecret> add_secret(Transaction& tx, const Actor& actor, const SecretKeeping& keeping,
                               std::string_view tenant, std::string_view source, const NewSecret& wanted,
                               std::string_view reason) {
    const auto of_tenant = admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    const auto found = find_source(tx, *of_tenant, source, true);
    if (!found) return std::unexpected{found.error()};
    auto added = put_secret(tx, keeping, *found, wanted);
    if (!added) return added;
    record(tx, actor,
           {.verb = "source secret add",
            .tenant = of_tenant->id,
            .arguments = {{"source", found->slug},
                          {"valid_from", text_of(wanted.valid_from)},
                          {"valid_until", text_of(wanted.valid_until)},
                          {"generated", added->made.has_value()}},
            .result = {{"secret", added->id.text()}, {"key_id", keeping.keyring.sealing_key_id()}},
            .reason = reason});
    return added;
}

Result<RetiredSecret> retire_secret(Transaction& tx, const Actor& actor, std::string_view tenant,
                                    std::string_view source, const Uuid& secret, std::optional<Timestamp> at,
                                    std::string_view reason) {
    const auto of_tenant = admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    const auto found = find_source(tx, *of_tenant, source, true);
    if (!found) return std::unexpected{found.error()};
    const auto before = read(tx, of_tenant->id, found->id, secret);
    if (before.empty()) {
        return fail(
            ErrorCode::not_found,
            "source \"{}\" of tenant \"{}\" has no secret {}: `tollgate source secret list` shows them",
            found->slug, of_tenant->slug, secret);
    }
    // What is past is now.
    if (at && tx.execute("select $1 <= now()", *at).only().get<bool>(0)) at.reset();
    if (const auto fit = check_retirement(before.front(), at); !fit) return std::unexpected{fit.error()};
    tx.execute(
        "update tenants.secret set retired_at = case when $4::timestamptz is null then now() end, "
        "valid_until = coalesce($4, valid_until) "
        "where tenant = $1 and source = $2 and secret = $3",
        of_tenant->id, found->id, secret, at);
    RetiredSecret retired;
    for (SecretState& state : read(tx, of_tenant->id, found->id, std::nullopt)) {
        if (state.id != secret && state.phase == "valid") ++retired.still_valid;
        if (state.id == secret) retired.secret = std::move(state);
    }
    record(tx, actor,
           {.verb = "source secret retire",
            .tenant = of_tenant->id,
            .arguments = {{"source", found->slug}, {"secret", secret.text()}, {"at", text_of(at)}},
            .result = {{"still_valid", retired.still_valid}},
            .reason = reason});
    return retired;
}

Result<std::vector<SecretState>> list_secrets(Transaction& tx, const Actor& actor,
                                              const SecretFilter& filter) {
    if (!filter.tenant) {
        if (const auto admitted = admit(tx, actor, Role::viewer); !admitted)
            return std::unexpected{admitted.error()};
        return read(tx, std::nullopt, std::nullopt, std::nullopt);
    }
    const auto tenant = admit_to_tenant(tx, actor, Role::viewer, *filter.tenant);
    if (!tenant) return std::unexpected{tenant.error()};
    if (!filter.source) return read(tx, tenant->id, std::nullopt, std::nullopt);
    const auto source = find_source(tx, *tenant, *filter.source, false);
    if (!source) return std::unexpected{source.error()};
    return read(tx, tenant->id, source->id, std::nullopt);
}

}  // namespace tollgate::tenants
