#include "enrichment/mappings.hpp"

#include <map>
#include <set>

#include <boost/json/object.hpp>
#include <fmt/ranges.h>

#include "archive/payment_reading.hpp"
#include "consumer/again.hpp"
#include "enrichment/references.hpp"
#include "postgres/columns.hpp"
#include "providers/catalogue.hpp"
#include "providers/realm.hpp"
#include "tenants/audit.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

constexpr std::size_t reference_length_max = 200;

// Whose ids of the provider the tenant can have, if there is one answer to that.
std::optional<std::string> only_realm(Transaction& tx, const Uuid& tenant, std::string_view provider) {
    const auto* const row = providers::find(provider);
    if (row != nullptr && row->unique_ids == providers::UniqueIds::everywhere) return std::string{};
    // Which accounts there will be nobody knows.
    if (row != nullptr && row->unique_ids == providers::UniqueIds::in_account) return std::nullopt;
    const auto sources =
        tx.execute("select slug::text from tenants.source where tenant = $1 and provider = $2 limit 2",
                   tenant, provider);
    if (sources.size() != 1) return std::nullopt;
    return archive::indexed(
        providers::realm_of(providers::UniqueIds::in_source, {}, sources.only().get<std::string>(0)));
}

// Of whom the ids are that operators speak of: whose were heard of, unless they say it.
struct Realms {
    std::map<std::string, std::set<std::string>> heard;  // by customer
    std::optional<std::string> otherwise;                // of whom nothing was heard
};

Realms realms_of(Transaction& tx, const Uuid& tenant, std::string_view provider,
                 std::span<const std::string> customers) {
    Realms realms;
    for (const auto row : tx.execute("select customer, realm from enrichment.reference "
                                     "where tenant = $1 and provider = $2 and customer = any ($3)",
                                     tenant, provider, customers))
        realms.heard[row.get<std::string>(0)].insert(row.get<std::string>(1));
    realms.otherwise = only_realm(tx, tenant, provider);
    return realms;
}

Result<std::string> realm_for(const Realms& realms, const std::string& customer, const MapReferences& order) {
    if (order.within) return *order.within;
    const auto heard = realms.heard.find(customer);
    if (heard != realms.heard.end() && heard->second.size() == 1) return *heard->second.begin();
    if (heard == realms.heard.end() && realms.otherwise) return *realms.otherwise;
    const auto names = heard == realms.heard.end() ? std::string{"source/NAME or account/ID"}
                                                   : fmt::format("{}", fmt::join(heard->second, ", "));
    return fail(ErrorCode::invalid,
                "\"{}\" may be several payers of {}: whose number it is say with --within ({}), as `tollgate "
                "reference list` shows it",
                customer, order.provider, names);
}

bool has_directory(Transaction& tx, const Uuid& tenant, std::string_view provider) {
    return !tx.execute("select 1 from enrichment.directory where tenant = $1 and provider = $2", tenant,
                       provider)
                .empty();
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

Result<std::optional<Uuid>> admit_to_mappings(Transaction& tx, const Actor& actor,
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

Result<std::int64_t> release_unmapped(Transaction& tx, const Actor& actor, const Uuid& tenant,
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

Result<Mapped> map_references(Transaction& tx, const Actor& actor, const MapReferences& order,
                              std::span<const Mapping> mappings, std::string_view reason) {
    const auto found = tenants::admit_to_tenant(tx, actor, Role::operator_, order.tenant);
    if (!found) return std::unexpected{found.error()};
    if (const auto fit = check(mappings); !fit) return std::unexpected{fit.error()};
    if (mappings.empty()) return fail(ErrorCode::invalid, "nothing is to be mapped");
    if (!has_directory(tx, found->id, order.provider)) {
        return fail(
            ErrorCode::not_found,
            "tenant \"{}\" has no directory for the provider \"{}\", so nobody would look at it: `tollgate "
            "directory set` makes one",
            found->slug, order.provider);
    }
    // As events have it: cut to what an index takes.
    const auto customers =
        postgres::column(mappings, [](const Mapping& each) { return archive::indexed(each.customer); });
    const Realms realms = realms_of(tx, found->id, order.provider, customers);
    std::vector<std::string> within;
    for (const std::string& customer : customers) {
        auto realm = realm_for(realms, customer, order);
        if (!realm) return std::unexpected{realm.error()};
        within.push_back(std::move(*realm));
    }
    // The last one of a payer counts.
    const auto mapped = tx.execute(
        "insert into enrichment.reference as r (tenant, provider, customer, realm, reference, told_by) "
        "select distinct on (customer, realm) $1, $2, customer, realm, reference, 'operator' "
        "from unnest($3, $4, $5) with ordinality m(customer, realm, reference, place) "
        "order by customer, realm, place desc "
        "on conflict (tenant, provider, customer, realm) do update set reference = excluded.reference, "
        "told_by = 'operator', changed_at = clock_timestamp()",
        found->id, order.provider, customers, within,
        postgres::column(mappings, [](const Mapping& each) { return each.reference; }));
    const Mapped done{.mapped = static_cast<std::int64_t>(mapped.affected())};
    tenants::record(tx, actor,
                    {.verb = "reference map",
                     .tenant = found->id,
                     .arguments = {{"provider", order.provider}, {"mapped", done.mapped}},
                     .reason = reason});
    const auto released = release_unmapped(tx, actor, found->id, reason);
    if (!released) return std::unexpected{released.error()};
    return Mapped{.mapped = done.mapped, .released = *released};
}

Result<std::vector<Reference>> list_references(Transaction& tx, const Actor& actor,
                                               const ReferenceFilter& filter) {
    const auto only = admit_to_mappings(tx, actor, filter.tenant);
    if (!only) return std::unexpected{only.error()};
    std::vector<Reference> all;
    for (const auto row : tx.execute(
             "select t.slug::text, r.provider, r.customer, r.reference, r.told_by, r.changed_at, r.realm "
             "from enrichment.reference r join tenants.tenant t using (tenant) "
             "where ($1::uuid is null or r.tenant = $1) and ($2::text is null or r.provider = $2) "
             "and (not $3 or r.reference is null) order by r.changed_at desc, r.customer limit $4",
             *only, filter.provider, filter.unmapped, filter.limit)) {
        all.push_back({.tenant_slug = row.get<std::string>(0),
                       .provider = row.get<std::string>(1),
                       .customer = row.get<std::string>(2),
                       .reference = row.get<std::optional<std::string>>(3),
                       .told_by = row.get<std::optional<std::string>>(4),
                       .changed_at = row.get<Timestamp>(5),
                       .realm = row.get<std::string>(6)});
    }
    return all;
}

}  // namespace tollgate::enrichment
