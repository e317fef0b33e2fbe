#include "consumer/deeds.hpp"

#include <boost/json/array.hpp>

namespace tollgate::consumer {

namespace {

using tenants::Actor;
using tenants::Deed;

void record_one(postgres::Transaction& tx, const Actor& actor, const Deed& deed, std::string_view name,
                const std::optional<Uuid>& tenant, std::int64_t count) {
    Deed of_tenant = deed;
    of_tenant.tenant = tenant;
    of_tenant.result[name] = count;
    tenants::record(tx, actor, of_tenant);
}

void record_one(postgres::Transaction& tx, const Actor& actor, const Deed& deed, std::string_view name,
                const std::optional<Uuid>& tenant, const std::vector<Uuid>& events) {
    Deed with_events = deed;
    boost::json::array ids;
    for (const Uuid& id : events) ids.push_back(boost::json::value(id.text()));
    with_events.result["event_ids"] = std::move(ids);
    record_one(tx, actor, with_events, name, tenant, std::ssize(events));
}

void add(std::int64_t& to, std::int64_t count) {
    to += count;
}

void add(std::vector<Uuid>& to, const std::vector<Uuid>& events) {
    to.insert(to.end(), events.begin(), events.end());
}

template <typename ByTenant>
void record_each(postgres::Transaction& tx, const Actor& actor, const Deed& deed, std::string_view name,
                 const ByTenant& all) {
    std::vector<Uuid> wanted;
    wanted.reserve(all.size());
    for (const auto& [tenant, done] : all) wanted.push_back(tenant);
    ByTenant of_nobody = all;
    for (const auto row : tx.execute("select tenant from tenants.tenant where tenant = any ($1)", wanted)) {
        const auto known = of_nobody.extract(row.get<Uuid>(0));
        record_one(tx, actor, deed, name, known.key(), known.mapped());
    }
    if (of_nobody.empty()) return;
    typename ByTenant::mapped_type rest{};
    for (const auto& [tenant, done] : of_nobody) add(rest, done);
    record_one(tx, actor, deed, name, std::nullopt, rest);
}

}  // namespace

void record_by_tenant(postgres::Transaction& tx, const Actor& actor, const Deed& deed, std::string_view name,
                      const CountByTenant& counts) {
    CountByTenant done = counts;
    std::erase_if(done, [](const auto& each) { return each.second == 0; });
    record_each(tx, actor, deed, name, done);
}

void record_events(postgres::Transaction& tx, const Actor& actor, const Deed& deed, std::string_view name,
                   const EventsByTenant& events) {
    record_each(tx, actor, deed, name, events);
}

}  // namespace tollgate::consumer
