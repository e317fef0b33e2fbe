#include "enrichment/customers.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::Transaction;

std::vector<CustomerValue> read_values(Transaction& tx, const Uuid& tenant, const CustomerProfile& profile) {
    std::vector<CustomerValue> values;
    for (const auto row :
         tx.execute("select v.currency, v.paid_minor, v.refunded_minor, "
                    "enrichment.percentile($1, $4, v.currency, v.paid_minor - v.refunded_minor) "
                    "from enrichment.value($1, $2, $3, $4) v order by v.currency",
                    tenant, profile.provider, profile.customer, profile.is_test)) {
        values.push_back({.currency = row.get<std::string>(0),
                          .paid = row.get<std::int64_t>(1),
                          .refunded = row.get<std::int64_t>(2),
                          .percentile = row.get<std::optional<std::int32_t>>(3)});
    }
    return values;
}

}  // namespace

std::vector<CustomerProfile> read_profiles(Transaction& tx, const Uuid& tenant,
                                           const std::optional<std::string>& provider,
                                           std::string_view customer) {
    std::vector<CustomerProfile> profiles;
    for (const auto row :
         tx.execute("select c.provider, c.customer, c.is_test, r.reference, c.first_at, c.last_at, p.orders, "
                    "p.payments, "
                    "p.failures, p.failures_in_row, p.disputes, p.last_payment from enrichment.customer c "
                    "cross join lateral enrichment.profile(c.tenant, c.provider, c.customer, c.is_test) p "
                    "left join enrichment.reference r on r.tenant = c.tenant and r.provider = c.provider "
                    "and r.customer = c.customer "
                    "where c.tenant = $1 and c.customer = $3 and ($2::text is null or c.provider = $2) order "
                    "by 1, 3",
                    tenant, provider, customer)) {
        profiles.push_back({.provider = row.get<std::string>(0),
                            .customer = row.get<std::string>(1),
                            .is_test = row.get<bool>(2),
                            .reference = row.get<std::optional<std::string>>(3),
                            .first_at = row.get<Timestamp>(4),
                            .last_at = row.get<Timestamp>(5),
                            .orders = row.get<std::int32_t>(6),
                            .payments = row.get<std::int32_t>(7),
                            .failures = row.get<std::int32_t>(8),
                            .failures_in_row = row.get<std::int32_t>(9),
                            .disputes = row.get<std::int32_t>(10),
                            .last_payment = row.get<std::optional<Timestamp>>(11),
                            .values = {}});
    }
    for (CustomerProfile& profile : profiles) profile.values = read_values(tx, tenant, profile);
    return profiles;
}

std::int64_t erase_profile(Transaction& tx, const Uuid& tenant, std::string_view provider,
                           std::string_view customer, std::string_view pseudonym) {
    return tx
        .execute("select enrichment.erase_customer($1, $2, $3, $4)", tenant, provider, customer, pseudonym)
        .only()
        .get<std::int64_t>(0);
}

}  // namespace tollgate::enrichment
