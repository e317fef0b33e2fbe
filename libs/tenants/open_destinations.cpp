#include "tenants/destination_rows.hpp"
#include "tenants/destinations.hpp"

namespace tollgate::tenants {

namespace {

using postgres::Row;
using postgres::Transaction;

Result<OpenDestination> opened(const Row& row, const crypto::Keyring& keyring, const DestinationId& id) {
    const auto kind = parse_destination_kind(row.get<std::string_view>(3));
    if (!kind) return std::unexpected{kind.error()};
    auto settings = read_settings(row.get<std::string_view>(4));
    if (!settings) return std::unexpected{settings.error()};
    auto secret =
        keyring.open(row.get<std::string_view>(5), destination_seal_context(id.tenant, id.destination));
    if (!secret) return std::unexpected{secret.error()};
    return OpenDestination{.tenant = id.tenant,
                           .id = id.destination,
                           .tenant_slug = row.get<std::string>(6),
                           .time_zone = row.get<std::string>(7),
                           .slug = row.get<std::string>(2),
                           .kind = *kind,
                           .enabled = row.get<bool>(8),
                           .secret = std::move(*secret),
                           .settings = std::move(*settings)};
}

}  // namespace

std::string destination_seal_context(const Uuid& tenant, const Uuid& destination) {
    return fmt::format("tenants.destination/{}/{}", tenant, destination);
}

OpenDestinations open_destinations(Transaction& tx, const crypto::Keyring& keyring,
                                   std::span<const DestinationId> wanted) {
    std::vector<Uuid> tenants;
    std::vector<Uuid> destinations;
    tenants.reserve(wanted.size());
    destinations.reserve(wanted.size());
    for (const DestinationId& id : wanted) {
        tenants.push_back(id.tenant);
        destinations.push_back(id.destination);
    }
    OpenDestinations all;
    for (const Row row : tx.execute(
             "select d.tenant, d.destination, d.slug, d.kind, d.settings, d.sealed, t.slug, t.time_zone, "
             "d.disabled_at is null and t.disabled_at is null "
             "from (select distinct * from unnest($1, $2)) w(tenant, destination) "
             "join tenants.destination d using (tenant, destination) join tenants.tenant t using (tenant) "
             "order by d.tenant, d.destination",
             tenants, destinations)) {
        const DestinationId id{.tenant = row.get<Uuid>(0), .destination = row.get<Uuid>(1)};
        auto one = opened(row, keyring, id);
        if (one) {
            all.opened.push_back(std::move(*one));
        } else {
            all.not_opened.emplace_back(id, std::move(one.error()));
        }
    }
    return all;
}

}  // namespace tollgate::tenants
