#include "enrichment/directories.hpp"

#include <algorithm>

#include <boost/json/object.hpp>

#include "archive/payment_reading.hpp"
#include "consumer/again.hpp"
#include "enrichment/references.hpp"
#include "postgres/columns.hpp"
#include "providers/catalogue.hpp"
#include "tenants/audit.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::Bytes;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::size_t reference_length_max = 200;

constexpr std::string_view select_directories =
    "select t.slug::text, d.provider, d.url, d.key_id is not null, d.off_at, "
    "(select count(*) from enrichment.reference r where r.tenant = d.tenant and r.provider = d.provider "
    "and r.reference is null) from enrichment.directory d join tenants.tenant t using (tenant) "
    "where ($1::uuid is null or d.tenant = $1) and ($2::text is null or d.provider = $2) order by 1, 2";

std::vector<DirectoryState> read(Transaction& tx, const std::optional<Uuid>& tenant,
                                 const std::optional<std::string_view>& provider) {
    std::vector<DirectoryState> all;
    for (const auto row : tx.execute(select_directories, tenant, provider)) {
        all.push_back({.tenant_slug = row.get<std::string>(0),
                       .provider = row.get<std::string>(1),
                       .url = row.get<std::optional<std::string>>(2),
                       .has_token = row.get<bool>(3),
                       .off_at = row.get<std::optional<Timestamp>>(4),
                       .unmapped = row.get<std::int64_t>(5)});
    }
    return all;
}

Result<void> check(const DirectorySettings& settings, const crypto::Keyring* keyring) {
    if (settings.url.empty() && settings.token)
        return fail(ErrorCode::invalid, "a token is for a directory that is asked: give its --url too");
    if (settings.token && keyring == nullptr)
        return fail(ErrorCode::invalid, "a token is kept sealed: say where the sealing keys are");
    if (!settings.url.empty() && !settings.url.contains("{id}")) {
        return fail(ErrorCode::invalid,
                    "\"{}\" has no {{id}} in it, where the payer's id goes, as in "
                    "https://directory.example/students/{{id}}",
                    settings.url);
    }
    return {};
}

// The one tenant, or all that the actor may see.
Result<std::optional<Uuid>> admit_to(Transaction& tx, const Actor& actor,
                                     const std::optional<std::string>& tenant) {
    if (!tenant) {
        if (const auto admitted = tenants::admit(tx, actor, Role::viewer); !admitted)
            return std::unexpected{admitted.error()};
        return std::nullopt;
    }
    const auto found = tenants::admit_to_tenant(tx, actor, Role::viewer, *tenant);
    if (!found) return std::unexpected{found.error()};
    return found->id;
}

// All that is held for a payer of the tenant: who is still unknown is held again.
Result<std::int64_t> release(Transaction& tx, const Actor& actor, const Uuid& tenant,
                             std::string_view reason) {
    std::vector<Uuid> ids;
    for (const auto row :
         tx.execute("select message_id from consumer.work where consumer = 'enrichment' and tenant = $1 "
                    "and state = 'held' and hold = $2 order by message_id",
                    tenant, unmapped))
        ids.push_back(row.get<Uuid>(0));
    if (ids.empty()) return 0;
    const auto again =
        consumer::replay(tx, actor, "enrichment", ids,
                         reason.empty() ? std::string_view{"who the payer is may be known"} : reason);
    if (!again) return std::unexpected{again.error()};
    return again->started;
}

Result<void> check(std::span<const Mapping> mappings) {
    for (const Mapping& mapping : mappings) {
        if (mapping.customer.empty() || mapping.reference.empty() ||
            mapping.reference.size() > reference_length_max) {
            return fail(
                ErrorCode::invalid,
                "\"{}\" to \"{}\" is no mapping: neither is empty, and the latter has at most {} bytes",
                mapping.customer, mapping.reference, reference_length_max);
        }
    }
    return {};
}

}  // namespace

std::string directory_seal_context(const Uuid& tenant, std::string_view provider) {
    return fmt::format("enrichment.directory/{}/{}", tenant, provider);
}

Result<DirectoryState> set_directory(Transaction& tx, const Actor& actor, std::string_view tenant,
                                     std::string_view provider, const DirectorySettings& settings,
                                     const crypto::Keyring* keyring, std::string_view reason) {
    const auto found = tenants::admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!found) return std::unexpected{found.error()};
    if (const auto fit = check(settings, keyring); !fit) return std::unexpected{fit.error()};
    if (providers::find(provider) == nullptr)
        return fail(ErrorCode::invalid, "there is no provider \"{}\": one is like school", provider);
    std::optional<std::string> sealed;
    std::optional<std::string> key;
    if (settings.token) {
        sealed = keyring->seal(*settings.token, directory_seal_context(found->id, provider));
        key = keyring->sealing_key_id();
    }
    const auto url = postgres::unless_empty(settings.url);
    tx.execute(
        "insert into enrichment.directory (tenant, provider, url, sealed_token, key_id) "
        "values ($1, $2, $3, $4, $5) on conflict (tenant, provider) do update set url = $3, "
        "sealed_token = $4, key_id = $5, off_at = null, "
        "changed_at = clock_timestamp()",
        found->id, provider, url, sealed ? std::optional{Bytes{*sealed}} : std::nullopt, key);
    boost::json::object arguments{{"provider", provider}, {"token", settings.token.has_value()}};
    if (url) arguments["url"] = *url;
    tenants::record(
        tx, actor,
        {.verb = "directory set", .tenant = found->id, .arguments = std::move(arguments), .reason = reason});
    return read(tx, found->id, provider).front();
}

Result<DirectoryState> turn_directory_off(Transaction& tx, const Actor& actor, std::string_view tenant,
                                          std::string_view provider, std::string_view reason) {
    const auto found = tenants::admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!found) return std::unexpected{found.error()};
    const auto changed = tx.execute(
        "update enrichment.directory set off_at = clock_timestamp(), changed_at = clock_timestamp() "
        "where tenant = $1 and provider = $2 and off_at is null",
        found->id, provider);
    const auto now = read(tx, found->id, provider);
    if (now.empty()) {
        return fail(ErrorCode::not_found, "tenant \"{}\" has no directory for the provider \"{}\"",
                    found->slug, provider);
    }
    tenants::record(tx, actor,
                    {.verb = "directory off",
                     .tenant = found->id,
                     .arguments = {{"provider", provider}},
                     .result = {{"changed", changed.affected() > 0}},
                     .reason = reason});
    if (const auto released = release(tx, actor, found->id, reason); !released)
        return std::unexpected{released.error()};
    return now.front();
}

Result<std::vector<DirectoryState>> list_directories(Transaction& tx, const Actor& actor,
                                                     const std::optional<std::string>& tenant) {
    const auto only = admit_to(tx, actor, tenant);
    if (!only) return std::unexpected{only.error()};
    return read(tx, *only, std::nullopt);
}

Result<Mapped> map_references(Transaction& tx, const Actor& actor, std::string_view tenant,
                              std::string_view provider, std::span<const Mapping> mappings,
                              std::string_view reason) {
    const auto found = tenants::admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!found) return std::unexpected{found.error()};
    if (const auto fit = check(mappings); !fit) return std::unexpected{fit.error()};
    if (mappings.empty()) return fail(ErrorCode::invalid, "nothing is to be mapped");
    if (read(tx, found->id, provider).empty()) {
        return fail(
            ErrorCode::not_found,
            "tenant \"{}\" has no directory for the provider \"{}\", so nobody would look at it: `tollgate "
            "directory set` makes one",
            found->slug, provider);
    }
    // The last one of a payer counts. As events have it: cut to what an index takes.
    const auto mapped = tx.execute(
        "insert into enrichment.reference as r (tenant, provider, customer, reference, told_by) "
        "select distinct on (customer) $1, $2, customer, reference, 'operator' "
        "from unnest($3, $4) with ordinality m(customer, reference, place) order by customer, place desc "
        "on conflict (tenant, provider, customer) do update set reference = excluded.reference, "
        "told_by = 'operator', changed_at = clock_timestamp()",
        found->id, provider,
        postgres::column(mappings, [](const Mapping& each) { return archive::indexed(each.customer); }),
        postgres::column(mappings, [](const Mapping& each) { return each.reference; }));
    const Mapped done{.mapped = static_cast<std::int64_t>(mapped.affected())};
    tenants::record(tx, actor,
                    {.verb = "reference map",
                     .tenant = found->id,
                     .arguments = {{"provider", provider}, {"mapped", done.mapped}},
                     .reason = reason});
    const auto released = release(tx, actor, found->id, reason);
    if (!released) return std::unexpected{released.error()};
    return Mapped{.mapped = done.mapped, .released = *released};
}

Result<std::vector<Reference>> list_references(Transaction& tx, const Actor& actor,
                                               const ReferenceFilter& filter) {
    const auto only = admit_to(tx, actor, filter.tenant);
    if (!only) return std::unexpected{only.error()};
    std::vector<Reference> all;
    for (const auto row :
         tx.execute("select t.slug::text, r.provider, r.customer, r.reference, r.told_by, r.changed_at "
                    "from enrichment.reference r join tenants.tenant t using (tenant) "
                    "where ($1::uuid is null or r.tenant = $1) and ($2::text is null or r.provider = $2) "
                    "and (not $3 or r.reference is null) order by r.changed_at desc, r.customer limit $4",
                    *only, filter.provider, filter.unmapped, filter.limit)) {
        all.push_back({.tenant_slug = row.get<std::string>(0),
                       .provider = row.get<std::string>(1),
                       .customer = row.get<std::string>(2),
                       .reference = row.get<std::optional<std::string>>(3),
                       .told_by = row.get<std::optional<std::string>>(4),
                       .changed_at = row.get<Timestamp>(5)});
    }
    return all;
}

}  // namespace tollgate::enrichment
