#include "enrichment/references.hpp"

#include "postgres/columns.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::column;

// What the directory does not know may be there soon; what it did not say in time it says the next time.
constexpr std::chrono::minutes after_no{15};
constexpr std::chrono::minutes after_silence{1};

constexpr std::string_view select_references =
    "select w.place, r.reference, d.url is not null, r.told_by is not null "
    "from unnest($1, $2, $3, $4) with ordinality w(tenant, provider, customer, realm, place) "
    "join enrichment.directory d on d.tenant = w.tenant and d.provider = w.provider and d.off_at is null "
    "left join enrichment.reference r on r.tenant = w.tenant and r.provider = w.provider "
    "  and r.customer = w.customer and r.realm = w.realm where w.customer <> ''";

// In the order of the keys, as all that several members write.
constexpr std::string_view note_unknown =
    "insert into enrichment.reference (tenant, provider, customer, realm) "
    "select distinct tenant, provider, customer, realm "
    "from unnest($1, $2, $3, $4) w(tenant, provider, customer, realm) "
    "order by 1, 2, 3, 4 on conflict do nothing";

Uuid tenant_of(const Payer& payer) {
    return payer.tenant;
}
std::string_view provider_of(const Payer& payer) {
    return payer.provider;
}
std::string_view customer_of(const Payer& payer) {
    return payer.customer;
}
std::string_view realm_of(const Payer& payer) {
    return payer.realm;
}

}  // namespace

std::vector<Resolution> resolve(postgres::Transaction& tx, std::span<const Payer> payers) {
    std::vector<Resolution> resolutions(payers.size());
    if (payers.empty()) return resolutions;
    std::vector<Payer> unknown;
    for (const auto row :
         tx.execute(select_references, column(payers, tenant_of), column(payers, provider_of),
                    column(payers, customer_of), column(payers, realm_of))) {
        const auto place = static_cast<std::size_t>(row.get<std::int64_t>(0) - 1);
        resolutions.at(place) = {.is_wanted = true,
                                 .reference = row.get<std::optional<std::string>>(1),
                                 .has_url = row.get<bool>(2),
                                 .was_asked = row.get<bool>(3)};
        if (!resolutions[place].reference) unknown.push_back(payers[place]);
    }
    if (!unknown.empty()) {
        tx.execute(note_unknown, column(unknown, tenant_of), column(unknown, provider_of),
                   column(unknown, customer_of), column(unknown, realm_of));
    }
    return resolutions;
}

consumer::Hold hold_unmapped(const Payer& payer, const Resolution& resolution) {
    consumer::Hold hold{.cause = std::string{unmapped}, .reason = {}};
    const std::string of =
        payer.realm.empty() ? payer.provider : fmt::format("{} ({})", payer.provider, payer.realm);
    if (!resolution.has_url) {
        hold.reason = fmt::format("{} of {} is mapped to nobody: `tollgate reference map` says who it is",
                                  payer.customer, of);
    } else if (resolution.was_asked) {
        hold.reason = fmt::format(
            "the directory knows nobody for {} of {}: add it there, or say who it is with `tollgate "
            "reference map`",
            payer.customer, of);
        hold.length = after_no;
    } else {
        hold.reason = fmt::format("the directory has not said yet who {} of {} is: it is asked again",
                                  payer.customer, of);
        hold.length = after_silence;
    }
    return hold;
}

}  // namespace tollgate::enrichment
