#include "enrichment/directories.hpp"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/url/parse.hpp>

#include "enrichment/mappings.hpp"
#include "postgres/columns.hpp"
#include "providers/catalogue.hpp"
#include "telemetry/log.hpp"
#include "tenants/audit.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::Bytes;
using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

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
    return settings.url.empty() ? Result<void>{} : check_directory_url(settings.url);
}

}  // namespace

// With {id} where the payer's goes: in the path or behind it, so that no payer says who is asked.
Result<void> check_directory_url(std::string_view url) {
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorCode::invalid,
                    "\"{}\" is no URL that a directory can be asked at: {}. One is like "
                    "https://directory.example/students/{{id}}",
                    url, why);
    };
    if (!url.contains("{id}")) return refuse("it has no {id} in it, where the payer's id goes");
    std::string filled{url};
    for (const std::string_view placeholder : {"{id}", "{within}"}) {
        for (auto at = filled.find(placeholder); at != std::string::npos; at = filled.find(placeholder))
            filled.replace(at, placeholder.size(), "_");
    }
    const auto parsed = boost::urls::parse_uri(filled);
    if (!parsed) return refuse("it cannot be read as one");
    if (parsed->scheme() != "https" && parsed->scheme() != "http")
        return refuse("it is neither https nor http");
    if (parsed->host().empty()) return refuse("it names no host");
    if (parsed->has_userinfo())
        return refuse("a name or password does not belong in it, give a token with --token-file");
    // What stands before the path is the same for every payer.
    const auto authority = url.find("://") + 3;
    if (url.substr(0, url.find_first_of("/?#", authority)).contains('{'))
        return refuse("whom it asks must not depend on the payer");
    return {};
}

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
    if (const auto released = release_unmapped(tx, actor, found->id, reason); !released)
        return std::unexpected{released.error()};
    return now.front();
}

Result<std::vector<DirectoryState>> list_directories(Transaction& tx, const Actor& actor,
                                                     const std::optional<std::string>& tenant) {
    const auto only = admit_to_mappings(tx, actor, tenant);
    if (!only) return std::unexpected{only.error()};
    return read(tx, *only, std::nullopt);
}

Result<ResealedTokens> reseal_tokens(Transaction& tx, const Actor& actor, const crypto::Keyring& keyring,
                                     std::string_view reason) {
    if (const auto admitted = tenants::admit_to_platform(tx, actor, Role::operator_); !admitted)
        return std::unexpected{admitted.error()};
    ResealedTokens done;
    const auto rows = tx.execute(
        "select tenant, provider, sealed_token from enrichment.directory "
        "where key_id <> $1 order by 1, 2 for no key update",
        keyring.sealing_key_id());
    for (const postgres::Row row : rows) {
        const auto tenant = row.get<Uuid>(0);
        const auto provider = row.get<std::string>(1);
        const std::string context = directory_seal_context(tenant, provider);
        const auto token = keyring.open(row.get<std::string_view>(2), context);
        if (!token) {
            telemetry::log::error("a directory's token cannot be opened, and stays as it is",
                                  {{"tenant", tenant}, {"provider", provider}, {"error", token.error()}});
            ++done.not_opened;
            continue;
        }
        const std::string sealed = keyring.seal(*token, context);
        tx.execute(
            "update enrichment.directory set sealed_token = $3, key_id = $4 "
            "where tenant = $1 and provider = $2",
            tenant, provider, Bytes{sealed}, keyring.sealing_key_id());
        ++done.resealed;
    }
    if (rows.empty()) return done;
    tenants::record(tx, actor,
                    {.verb = "secret reseal",
                     .arguments = {{"key_id", keyring.sealing_key_id()}, {"of", "directories"}},
                     .result = {{"resealed", done.resealed}, {"not_opened", done.not_opened}},
                     .reason = reason});
    return done;
}

}  // namespace tollgate::enrichment
