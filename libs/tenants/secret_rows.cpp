#include "tenants/secret_rows.hpp"

#include <array>

#include "core/nearest.hpp"
#include "telemetry/log.hpp"

namespace tollgate::tenants {

namespace log = telemetry::log;
using postgres::Bytes;
using postgres::Row;
using postgres::Transaction;

namespace {

constexpr std::size_t secret_bytes_max = 64UZ * 1024;

Error no_such_source(Transaction& tx, const TenantName& tenant, std::string_view source) {
    std::vector<std::string> slugs;
    for (const Row row :
         tx.execute("select slug from tenants.source where tenant = $1 limit 10000", tenant.id))
        slugs.push_back(row.get<std::string>(0));
    return {ErrorCode::not_found, fmt::format("tenant \"{}\" has no source \"{}\"{}", tenant.slug, source,
                                              did_you_mean(source, slugs))};
}

Result<Secret> value_of(const Catalogue& catalogue, const SourceName& source, const NewSecret& wanted) {
    if (!wanted.value) return catalogue.make_secret(source.provider);
    if (wanted.value->empty()) return fail(ErrorCode::invalid, "the secret is empty");
    if (wanted.value->reveal().size() > secret_bytes_max) {
        return fail(ErrorCode::invalid, "the secret has {} bytes, and at most {} are kept",
                    wanted.value->reveal().size(), secret_bytes_max);
    }
    return *wanted.value;
}

}  // namespace

std::string seal_context(const Uuid& tenant, const Uuid& source, const Uuid& secret) {
    return fmt::format("tenants.secret/{}/{}/{}", tenant, source, secret);
}

Result<SourceName> find_source(Transaction& tx, const TenantName& tenant, std::string_view source,
                               bool lock) {
    constexpr const char* by_id =
        "select source, slug, provider, settings from tenants.source where tenant = $1 and source = $2";
    constexpr const char* by_slug =
        "select source, slug, provider, settings from tenants.source where tenant = $1 and slug = $2";
    const std::string_view locking = lock ? " for no key update" : "";
    const auto id = Uuid::parse(source);
    const auto rows = id ? tx.execute(fmt::format("{}{}", by_id, locking), tenant.id, *id)
                         : tx.execute(fmt::format("{}{}", by_slug, locking), tenant.id, source);
    if (rows.empty()) return std::unexpected{no_such_source(tx, tenant, source)};
    const Row row = rows.only();
    return SourceName{.tenant = tenant,
                      .id = row.get<Uuid>(0),
                      .slug = row.get<std::string>(1),
                      .provider = row.get<std::string>(2),
                      .settings = row.get<std::string>(3)};
}

OpenSecret open_secret(const Uuid& id, Secret value, std::optional<Timestamp> from,
                       std::optional<Timestamp> until) {
    return {.id = id,
            .value = std::move(value),
            .valid_from = from.value_or(Timestamp::min()),
            .valid_until = until.value_or(Timestamp::max())};
}

std::vector<OpenSecret> open_secrets(Transaction& tx, const crypto::Keyring& keyring,
                                     const SourceName& source) {
    std::vector<OpenSecret> secrets;
    for (const Row row :
         tx.execute("select secret, sealed, valid_from, valid_until from tenants.secret "
                    "where tenant = $1 and source = $2 and retired_at is null order by secret",
                    source.tenant.id, source.id)) {
        const auto id = row.get<Uuid>(0);
        auto value =
            keyring.open(row.get<std::string_view>(1), seal_context(source.tenant.id, source.id, id));
        if (!value) {
            log::warning("a secret cannot be opened, and is not looked at",
                         {{"tenant", source.tenant.id}, {"source", source.slug}, {"error", value.error()}});
            continue;
        }
        secrets.push_back(open_secret(id, std::move(*value), row.get<std::optional<Timestamp>>(2),
                                      row.get<std::optional<Timestamp>>(3)));
    }
    return secrets;
}

Result<AddedSecret> put_secret(Transaction& tx, const SecretKeeping& keeping, const SourceName& source,
                               const NewSecret& wanted) {
    if (wanted.valid_from && wanted.valid_until && *wanted.valid_from >= *wanted.valid_until) {
        return fail(ErrorCode::invalid, "the secret would be valid from {} until {}, which is no time at all",
                    to_rfc3339(*wanted.valid_from), to_rfc3339(*wanted.valid_until));
    }
    auto value = value_of(keeping.catalogue, source, wanted);
    if (!value) return std::unexpected{value.error()};
    // Without an id yet: one that is refused will never have one, and the error must not name it.
    const std::array opened{open_secret({}, std::move(*value), wanted.valid_from, wanted.valid_until)};
    if (const auto fit = keeping.catalogue.check(source.provider, source.settings, opened); !fit)
        return std::unexpected{fit.error()};
    const Secret& plain = opened.front().value;
    const Uuid id = make_uuid_v7();
    const std::string sealed = keeping.keyring.seal(plain, seal_context(source.tenant.id, source.id, id));
    tx.execute(
        "insert into tenants.secret (tenant, source, secret, sealed, key_id, valid_from, valid_until) "
        "values ($1, $2, $3, $4, $5, $6, $7)",
        source.tenant.id, source.id, id, Bytes{sealed}, keeping.keyring.sealing_key_id(), wanted.valid_from,
        wanted.valid_until);
    AddedSecret added{.id = id, .made = {}};
    if (!wanted.value) added.made = plain;
    return added;
}

}  // namespace tollgate::tenants
