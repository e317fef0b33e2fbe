#include "tenants/source_settings.hpp"

#include <string_view>
#include <vector>

namespace tollgate::tenants {

std::map<TenantSource, std::string> read_source_settings(postgres::Transaction& tx,
                                                         std::span<const TenantSource> sources) {
    std::vector<Uuid> tenants;
    std::vector<std::string_view> slugs;
    tenants.reserve(sources.size());
    slugs.reserve(sources.size());
    for (const TenantSource& source : sources) {
        tenants.push_back(source.tenant);
        slugs.emplace_back(source.slug);
    }
    std::map<TenantSource, std::string> settings;
    for (const auto row : tx.execute("select s.tenant, s.slug::text, s.settings::text "
                                     "from (select distinct * from unnest($1, $2)) w(tenant, slug) "
                                     "join tenants.source s on s.tenant = w.tenant and s.slug = w.slug",
                                     tenants, slugs)) {
        settings.emplace(TenantSource{.tenant = row.get<Uuid>(0), .slug = row.get<std::string>(1)},
                         row.get<std::string>(2));
    }
    return settings;
}

}  // namespace tollgate::tenants
