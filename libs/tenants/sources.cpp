#include "tenants/sources.hpp"

#include <algorithm>
#include <ranges>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "tenants/audit.hpp"
#include "tenants/names.hpp"
#include "tenants/secret_rows.hpp"

namespace tollgate::tenants {

namespace {

using postgres::Json;
using postgres::Row;
using postgres::Transaction;

// Neither paths nor codes have blanks in them.
std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> words;
    for (const auto part : std::views::split(text, ' ')) {
        if (!std::ranges::empty(part)) words.emplace_back(std::string_view{part});
    }
    return words;
}

std::vector<SourceState> read(Transaction& tx, const std::optional<Uuid>& tenant,
                              const std::optional<Uuid>& source) {
    const auto rows = tx.execute(
        "select s.source, s.tenant, t.slug, s.slug, s.provider, s.settings, "
        "coalesce((select string_agg(a.path, ' ' order by a.path) from tenants.alias a "
        "          where a.tenant = s.tenant and a.source = s.source), ''), "
        "coalesce((select string_agg(c.code, ' ' order by c.code) from tenants.school_code c "
        "          where c.tenant = s.tenant and c.source = s.source), ''), "
        "(select count(*) from tenants.secret x where x.tenant = s.tenant and x.source = s.source "
        " and x.retired_at is null and coalesce(x.valid_from <= now(), true) and coalesce(x.valid_until > "
        "now(), true)), "
        "s.disabled_at, s.created_at from tenants.source s join tenants.tenant t using (tenant) "
        "where ($1::uuid is null or s.tenant = $1) and ($2::uuid is null or s.source = $2) order by t.slug, "
        "s.slug",
        tenant, source);
    std::vector<SourceState> sources;
    for (const Row row : rows) {
        sources.push_back({.id = row.get<Uuid>(0),
                           .tenant = row.get<Uuid>(1),
                           .tenant_slug = row.get<std::string>(2),
                           .slug = row.get<std::string>(3),
                           .provider = row.get<std::string>(4),
                           .settings = row.get<std::string>(5),
                           .aliases = split(row.get<std::string_view>(6)),
                           .school_codes = split(row.get<std::string_view>(7)),
                           .valid_secrets = row.get<std::int64_t>(8),
                           .disabled_at = row.get<std::optional<Timestamp>>(9),
                           .created_at = row.get<Timestamp>(10)});
    }
    return sources;
}

// What is wanted, as it will be kept.
Result<NewSource> checked(NewSource wanted, const Catalogue& catalogue) {
    if (wanted.slug.empty()) wanted.slug = wanted.provider;
    if (const auto fit = check_settings(wanted.settings); !fit) return std::unexpected{fit.error()};
    if (const auto fit = catalogue.check(wanted.provider, wanted.settings, {}); !fit)
        return std::unexpected{fit.error()};
    if (const auto fit = check_slug("source", wanted.slug); !fit) return std::unexpected{fit.error()};
    for (std::string& alias : wanted.aliases) {
        auto canonical = canonical_alias(alias);
        if (!canonical) return std::unexpected{canonical.error()};
        alias = std::move(*canonical);
    }
    for (const std::string& code : wanted.school_codes) {
        if (const auto fit = check_school_code(code); !fit) return std::unexpected{fit.error()};
    }
    return wanted;
}

// Whose it is else, is told only to those who see that tenant.
Result<void> put_names(Transaction& tx, const SourceName& source, const NewSource& wanted) {
    for (const std::string& alias : wanted.aliases) {
        const auto put = tx.execute(
            "insert into tenants.alias (tenant, source, path) values ($1, $2, $3) on conflict do nothing",
            source.tenant.id, source.id, alias);
        if (put.affected() == 0)
            return fail(ErrorCode::conflict, "the alias {} leads to a source already", alias);
    }
    for (const std::string& code : wanted.school_codes) {
        const auto put = tx.execute(
            "insert into tenants.school_code (tenant, source, code) values ($1, $2, $3) on conflict do "
            "nothing",
            source.tenant.id, source.id, code);
        if (put.affected() == 0)
            return fail(ErrorCode::conflict, "the school code {} leads to a source already", code);
    }
    return {};
}

boost::json::array array_of(const std::vector<std::string>& words) {
    return boost::json::array(words.begin(), words.end());
}

void record_creation(Transaction& tx, const Actor& actor, const SourceName& source, const NewSource& wanted,
                     const CreatedSource& created, std::string_view reason) {
    boost::json::object result{{"source", source.id.text()}};
    if (created.secret) result["secret"] = created.secret->id.text();
    record(tx, actor,
           {.verb = "source create",
            .tenant = source.tenant.id,
            .arguments = {{"slug", wanted.slug},
                          {"provider", wanted.provider},
                          {"settings", boost::json::parse(wanted.settings)},
                          {"aliases", array_of(wanted.aliases)},
                          {"school_codes", array_of(wanted.school_codes)}},
            .result = std::move(result),
            .reason = reason});
}

Result<SourceState> turn(Transaction& tx, const Actor& actor, std::string_view tenant,
                         std::string_view source, bool on, std::string_view reason) {
    const auto of_tenant = admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    const auto found = find_source(tx, *of_tenant, source, true);
    if (!found) return std::unexpected{found.error()};
    const bool changed =
        tx.execute(
              "update tenants.source set disabled_at = case when $3 then null else now() end "
              "where tenant = $1 and source = $2 and (disabled_at is null) <> $3",
              of_tenant->id, found->id, on)
            .affected() > 0;
    record(tx, actor,
           {.verb = on ? "source enable" : "source disable",
            .tenant = of_tenant->id,
            .arguments = {{"source", found->slug}},
            .result = {{"changed", changed}},
            .reason = reason});
    return read(tx, of_tenant->id, found->id).front();
}

}  // namespace

Result<CreatedSource> create_source(Transaction& tx, const Actor& actor, const SecretKeeping& keeping,
                                    std::string_view tenant, const NewSource& asked,
                                    std::string_view reason) {
    const auto of_tenant = admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    const auto wanted = checked(asked, keeping.catalogue);
    if (!wanted) return std::unexpected{wanted.error()};
    const SourceName source{.tenant = *of_tenant,
                            .id = make_uuid_v7(),
                            .slug = wanted->slug,
                            .provider = wanted->provider,
                            .settings = wanted->settings};
    const auto made = tx.execute(
        "insert into tenants.source (tenant, source, slug, provider, settings) values ($1, $2, $3, $4, $5) "
        "on conflict (tenant, slug) do nothing",
        of_tenant->id, source.id, source.slug, source.provider, Json{source.settings});
    if (made.affected() == 0) {
        return fail(
            ErrorCode::conflict,
            "tenant \"{}\" has a source \"{}\" already, perhaps a disabled one: a slug is never used again",
            of_tenant->slug, source.slug);
    }
    // They belong to the platform, and the first who asks has them.
    if (actor.tenants && !(wanted->aliases.empty() && wanted->school_codes.empty())) {
        return fail(
            ErrorCode::forbidden,
            "a path or a school's code without a tenant is given by an operator of all tenants, and {} "
            "is one of some",
            actor.name);
    }
    if (const auto put = put_names(tx, source, *wanted); !put) return std::unexpected{put.error()};
    CreatedSource created;
    if (wanted->secret) {
        auto secret = put_secret(tx, keeping, source, *wanted->secret);
        if (!secret) return std::unexpected{secret.error()};
        created.secret = std::move(*secret);
    }
    record_creation(tx, actor, source, *wanted, created, reason);
    created.source = read(tx, of_tenant->id, source.id).front();
    return created;
}

Result<std::vector<SourceState>> list_sources(Transaction& tx, const Actor& actor,
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

Result<SourceState> show_source(Transaction& tx, const Actor& actor, std::string_view tenant,
                                std::string_view source) {
    const auto of_tenant = admit_to_tenant(tx, actor, Role::viewer, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    const auto found = find_source(tx, *of_tenant, source, false);
    if (!found) return std::unexpected{found.error()};
    return read(tx, of_tenant->id, found->id).front();
}

Result<SourceState> set_source(Transaction& tx, const Actor& actor, const SecretKeeping& keeping,
                               std::string_view tenant, std::string_view source, std::string_view settings,
                               std::string_view reason) {
    const auto of_tenant = admit_to_tenant(tx, actor, Role::operator_, tenant);
    if (!of_tenant) return std::unexpected{of_tenant.error()};
    if (const auto fit = check_settings(settings); !fit) return std::unexpected{fit.error()};
    const auto found = find_source(tx, *of_tenant, source, true);
    if (!found) return std::unexpected{found.error()};
    const auto secrets = open_secrets(tx, keeping.keyring, *found);
    if (const auto fit = keeping.catalogue.check(found->provider, settings, secrets); !fit)
        return std::unexpected{fit.error()};
    tx.execute("update tenants.source set settings = $3 where tenant = $1 and source = $2", of_tenant->id,
               found->id, Json{settings});
    record(tx, actor,
           {.verb = "source set",
            .tenant = of_tenant->id,
            .arguments = {{"source", found->slug}, {"settings", boost::json::parse(settings)}},
            .reason = reason});
    return read(tx, of_tenant->id, found->id).front();
}

Result<SourceState> disable_source(Transaction& tx, const Actor& actor, std::string_view tenant,
                                   std::string_view source, std::string_view reason) {
    return turn(tx, actor, tenant, source, false, reason);
}

Result<SourceState> enable_source(Transaction& tx, const Actor& actor, std::string_view tenant,
                                  std::string_view source, std::string_view reason) {
    return turn(tx, actor, tenant, source, true, reason);
}

}  // namespace tollgate::tenants
