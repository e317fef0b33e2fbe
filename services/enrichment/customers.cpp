#include "enrichment/customers.hpp"

#include "archive/payment_reading.hpp"
#include "enrichment/kept_facts.hpp"
#include "enrichment/reckoning.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::Transaction;

// Whoever looks at one customer may wait for it.
constexpr FactLimits limits{.of_one = 1'000'000, .of_all = 2'000'000};

constexpr std::string_view select_customers =
    "select c.provider, c.realm, c.customer, c.is_test, r.reference, c.first_at, c.last_at, c.name, c.email "
    "from enrichment.customer c left join enrichment.reference r on r.tenant = c.tenant "
    "and r.provider = c.provider and r.realm = c.realm and r.customer = c.customer "
    "where c.tenant = $1 and c.customer = $3 and ($2::text is null or c.provider = $2) order by 1, 2, 4";

CustomerProfile profile_in(const postgres::Row& row) {
    return {.provider = row.get<std::string>(0),
            .realm = row.get<std::string>(1),
            .customer = row.get<std::string>(2),
            .is_test = row.get<bool>(3),
            .name = row.get<std::optional<std::string>>(7),
            .email = row.get<std::optional<std::string>>(8),
            .reference = row.get<std::optional<std::string>>(4),
            .first_at = row.get<Timestamp>(5),
            .last_at = row.get<Timestamp>(6)};
}

void tell(const Standing& standing, CustomerProfile& profile) {
    profile.orders = standing.orders;
    profile.payments = standing.payments;
    profile.failures = standing.failures;
    profile.failures_in_row = standing.failures_in_row;
    profile.disputes = standing.disputes;
    profile.last_payment = standing.last_payment;
    for (const auto& [currency, value] : standing.values) {
        profile.values.push_back({.currency = currency, .paid = value.paid, .refunded = value.refunded});
    }
}

void tell_percentiles(Transaction& tx, const Uuid& tenant, CustomerProfile& profile) {
    for (CustomerValue& value : profile.values) {
        value.percentile = tx.execute("select enrichment.percentile($1, $2, $3, $4)", tenant, profile.is_test,
                                      value.currency, value.paid - value.refunded)
                               .only()
                               .get<std::optional<std::int32_t>>(0);
    }
}

}  // namespace

std::vector<CustomerProfile> read_profiles(Transaction& tx, const Uuid& tenant,
                                           const std::optional<std::string>& provider,
                                           std::string_view customer) {
    std::vector<CustomerProfile> profiles;
    std::vector<CustomerKey> keys;
    for (const auto row : tx.execute(select_customers, tenant, provider, archive::indexed(customer))) {
        profiles.push_back(profile_in(row));
        const CustomerProfile& profile = profiles.back();
        keys.push_back({.tenant = tenant,
                        .provider = profile.provider,
                        .realm = profile.realm,
                        .customer = profile.customer,
                        .is_test = profile.is_test});
    }
    const std::vector<Timestamp> untils(profiles.size(), end_of_time);
    const auto kept = read_facts(tx, keys, untils, limits);
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        const Question question;
        tell(reckon(kept[i].facts, {&question, 1}).front(), profiles[i]);
        profiles[i].is_whole = kept[i].are_all;
        tell_percentiles(tx, tenant, profiles[i]);
    }
    return profiles;
}

std::int64_t count_references(Transaction& tx, const Uuid& tenant, std::string_view provider,
                              std::string_view customer, const std::optional<std::string>& within) {
    return tx
        .execute(
            "select count(*) from enrichment.reference where tenant = $1 and provider = $2 and "
            "customer = $3 and ($4::text is null or realm = $4)",
            tenant, provider, archive::indexed(customer), within)
        .only()
        .get<std::int64_t>(0);
}

std::vector<std::string> realms_of_customer(Transaction& tx, const Uuid& tenant, std::string_view provider,
                                            std::string_view customer) {
    std::vector<std::string> realms;
    for (const auto row : tx.execute(
             "select realm from enrichment.customer where tenant = $1 and provider = $2 and customer = $3 "
             "union select realm from enrichment.reference where tenant = $1 and provider = $2 and "
             "customer = $3 union select realm from enrichment.erasure where tenant = $1 and provider = $2 "
             "and "
             "customer = $3 order by 1",
             tenant, provider, archive::indexed(customer)))
        realms.push_back(row.get<std::string>(0));
    return realms;
}

std::int64_t count_profiles(Transaction& tx, const ErasedCustomer& who) {
    return tx
        .execute(
            "select count(*) from enrichment.customer where tenant = $1 and provider = $2 and realm = $3 and "
            "customer = $4",
            who.tenant, who.provider, who.realm, archive::indexed(who.customer))
        .only()
        .get<std::int64_t>(0);
}

std::optional<std::string> begun_pseudonym(Transaction& tx, const ErasedCustomer& who) {
    const auto rows = tx.execute(
        "select pseudonym from enrichment.erasure where tenant = $1 and provider = $2 and realm = $3 and "
        "customer = $4",
        who.tenant, who.provider, who.realm, archive::indexed(who.customer));
    if (rows.empty()) return std::nullopt;
    return rows.only().get<std::string>(0);
}

std::string begin_erasure(Transaction& tx, const ErasedCustomer& who) {
    return tx
        .execute("select enrichment.begin_erasure($1, $2, $3, $4, $5)", who.tenant, who.provider, who.realm,
                 archive::indexed(who.customer), "erased-" + make_uuid_v4().text())
        .only()
        .get<std::string>(0);
}

std::int64_t erase_facts(Transaction& tx, const ErasedCustomer& who, std::int32_t most) {
    return tx
        .execute("select enrichment.erase_facts($1, $2, $3, $4, $5)", who.tenant, who.provider, who.realm,
                 archive::indexed(who.customer), most)
        .only()
        .get<std::int64_t>(0);
}

std::vector<std::string> remember_emails(Transaction& tx, const ErasedCustomer& who) {
    std::vector<std::string> emails;
    for (const auto row : tx.execute("select enrichment.remember_emails($1, $2, $3, $4)", who.tenant,
                                     who.provider, who.realm, archive::indexed(who.customer)))
        emails.push_back(row.get<std::string>(0));
    return emails;
}

void wait_for_handlers(Transaction& tx, const ErasedCustomer& who) {
    tx.execute("select enrichment.wait_for_handlers($1, $2, $3, $4)", who.tenant, who.provider, who.realm,
               archive::indexed(who.customer));
}

std::int64_t end_erasure(Transaction& tx, const ErasedCustomer& who) {
    return tx
        .execute("select enrichment.end_erasure($1, $2, $3, $4)", who.tenant, who.provider, who.realm,
                 archive::indexed(who.customer))
        .only()
        .get<std::int64_t>(0);
}

}  // namespace tollgate::enrichment
