#include "enrichment/profile.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string_view>

#include "postgres/columns.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::column;
using postgres::unless_empty;
using OptionalText = std::optional<std::string_view>;

constexpr std::uint64_t version_max = std::numeric_limits<std::int64_t>::max();

constexpr std::string_view insert_facts =
    "insert into enrichment.fact (tenant, event_id, provider, kind, object, payment, shop_order, customer, "
    "at, version, amount_minor, currency, refunded_minor, is_test) "
    "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";

// In the order of the keys, so that two members that have the same customers wait for each other and not in a
// circle.
constexpr std::string_view widen_customers =
    "insert into enrichment.customer as c (tenant, provider, customer, is_test, first_at, last_at) "
    "select tenant, provider, customer, is_test, min(at), max(at) "
    "from unnest($1, $2, $3, $4, $5) e(tenant, provider, customer, is_test, at) "
    "where customer is not null group by 1, 2, 3, 4 order by 1, 2, 3, 4 "
    "on conflict (tenant, provider, customer, is_test) do update "
    "set first_at = least(c.first_at, excluded.first_at), last_at = greatest(c.last_at, excluded.last_at) "
    "where excluded.first_at < c.first_at or excluded.last_at > c.last_at";

constexpr std::string_view select_histories =
    "select place, first_at, currency, minor, paid, failed, disputed, last_payment, percentile "
    "from enrichment.histories($1, $2, $3, $4, $5, $6, $7, $8, $9)";

Uuid tenant_of(const ToldFact& told) {
    return told.tenant;
}
std::string_view provider_of(const ToldFact& told) {
    return told.provider;
}
std::string_view kind_of(const ToldFact& told) {
    return name(told.fact.kind);
}
std::string_view object_of(const ToldFact& told) {
    return told.fact.object;
}
OptionalText payment_of(const ToldFact& told) {
    return unless_empty(told.fact.payment);
}
OptionalText customer_of(const ToldFact& told) {
    return unless_empty(told.fact.customer);
}
bool is_test(const ToldFact& told) {
    return told.fact.is_test;
}
Timestamp time_of_fact(const ToldFact& told) {
    return told.at();
}

void insert(postgres::Transaction& tx, std::span<const ToldFact> facts) {
    tx.execute(insert_facts, column(facts, tenant_of),
               column(facts, [](const ToldFact& told) { return told.event; }), column(facts, provider_of),
               column(facts, kind_of), column(facts, object_of), column(facts, payment_of),
               column(facts, [](const ToldFact& told) { return unless_empty(told.fact.order); }),
               column(facts, customer_of), column(facts, time_of_fact),
               column(facts,
                      [](const ToldFact& told) {
                          return static_cast<std::int64_t>(std::min(told.fact.version, version_max));
                      }),
               column(facts,
                      [](const ToldFact& told) {
                          return told.fact.amount ? std::optional{told.fact.amount->minor} : std::nullopt;
                      }),
               column(facts,
                      [](const ToldFact& told) {
                          return told.fact.amount ? OptionalText{told.fact.amount->currency} : std::nullopt;
                      }),
               column(facts, [](const ToldFact& told) { return told.fact.refunded; }),
               column(facts, is_test));
}

void put(google::protobuf::Timestamp& out, Timestamp time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    out.set_seconds(seconds.time_since_epoch().count());
    out.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds{time - seconds}.count()));
}

v1::CustomerHistory history_of(const postgres::Row& row, Timestamp until) {
    v1::CustomerHistory history;
    put(*history.mutable_customer_since(), std::min(row.get<Timestamp>(1), until));
    if (!row.is_null(2)) {
        history.mutable_lifetime_paid()->set_currency(row.get<std::string>(2));
        history.mutable_lifetime_paid()->set_minor(row.get<std::int64_t>(3));
    }
    history.set_payments(static_cast<std::uint32_t>(row.get<std::int32_t>(4)));
    history.set_failures(static_cast<std::uint32_t>(row.get<std::int32_t>(5)));
    history.set_disputes(static_cast<std::uint32_t>(row.get<std::int32_t>(6)));
    if (const auto last = row.get<std::optional<Timestamp>>(7)) put(*history.mutable_last_payment(), *last);
    history.set_value_percentile(
        static_cast<std::uint32_t>(row.get<std::optional<std::int32_t>>(8).value_or(0)));
    return history;
}

}  // namespace

void forget_facts(postgres::Transaction& tx, std::span<const Uuid> tenants, std::span<const Uuid> events) {
    tx.execute(
        "delete from enrichment.fact f using unnest($1, $2) e(tenant, event_id) "
        "where f.tenant = e.tenant and f.event_id = e.event_id",
        tenants, events);
}

void keep_facts(postgres::Transaction& tx, std::span<const ToldFact> facts) {
    std::vector<ToldFact> kept;
    for (const ToldFact& told : facts) {
        if (told.fact.kind != FactKind::other) kept.push_back(told);
    }
    if (!kept.empty()) insert(tx, kept);
    if (facts.empty()) return;
    tx.execute(widen_customers, column(facts, tenant_of), column(facts, provider_of),
               column(facts, customer_of), column(facts, is_test), column(facts, time_of_fact));
}

std::vector<std::optional<v1::CustomerHistory>> read_histories(postgres::Transaction& tx,
                                                               std::span<const ToldFact> facts) {
    std::vector<std::optional<v1::CustomerHistory>> histories(facts.size());
    if (facts.empty()) return histories;
    const auto rows =
        tx.execute(select_histories, column(facts, tenant_of), column(facts, provider_of),
                   column(facts, customer_of), column(facts, payment_of), column(facts, is_test),
                   column(facts, time_of_fact), column(facts, kind_of), column(facts, object_of),
                   column(facts, [](const ToldFact& told) { return unless_empty(told.currency); }));
    for (const postgres::Row row : rows) {
        const auto place = static_cast<std::size_t>(row.get<std::int64_t>(0) - 1);
        histories.at(place) = history_of(row, facts[place].at());
    }
    return histories;
}

}  // namespace tollgate::enrichment
