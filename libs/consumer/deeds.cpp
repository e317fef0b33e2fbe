#include "consumer/deeds.hpp"

namespace tollgate::consumer {

namespace {

void record_one(postgres::Transaction& tx, const tenants::Actor& actor, const tenants::Deed& deed,
                std::string_view name, const std::optional<Uuid>& tenant, std::int64_t count) {
    tenants::Deed of_tenant = deed;
    of_tenant.tenant = tenant;
    of_tenant.result[name] = count;
    tenants::record(tx, actor, of_tenant);
}

}  // namespace

void record_by_tenant(postgres::Transaction& tx, const tenants::Actor& actor, const tenants::Deed& deed,
                      std::string_view name, const CountByTenant& counts) {
    std::vector<Uuid> wanted;
    for (const auto& [tenant, count] : counts) wanted.push_back(tenant);
    std::map<Uuid, std::int64_t> of_nobody = counts;
    for (const auto row : tx.execute("select tenant from tenants.tenant where tenant = any ($1)", wanted)) {
        const auto known = of_nobody.extract(row.get<Uuid>(0));
        record_one(tx, actor, deed, name, known.key(), known.mapped());
    }
    std::int64_t rest = 0;
    for (const auto& [tenant, count] : of_nobody) rest += count;
    if (rest > 0) record_one(tx, actor, deed, name, std::nullopt, rest);
}

}  // namespace tollgate::consumer
