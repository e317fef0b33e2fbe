#include "enrichment/profile.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <string_view>
#include <utility>

#include "enrichment/kept_facts.hpp"
#include "enrichment/reckoning.hpp"
#include "postgres/columns.hpp"

namespace tollgate::enrichment {

namespace {

using postgres::column;
using postgres::unless_empty;
using OptionalText = std::optional<std::string_view>;

constexpr std::uint64_t version_max = std::numeric_limits<std::int64_t>::max();

constexpr std::string_view insert_facts =
    "insert into enrichment.fact (tenant, event_id, provider, kind, object, payment, shop_order, customer, "
    "at, version, amount_minor, currency, refunded_minor, is_test, realm, names, "
    "released_minor) "
    "select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

// In the order of the keys, so that two members that have the same customers wait for each other and not in a
// circle.
constexpr std::string_view widen_customers =
    "insert into enrichment.customer as c (tenant, provider, customer, is_test, realm, first_at, last_at) "
    "select tenant, provider, customer, is_test, realm, min(at), max(at) "
    "from unnest($1, $2, $3, $4, $5, $6) e(tenant, provider, customer, is_test, realm, at) "
    "where customer is not null group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5 "
    "on conflict (tenant, provider, customer, is_test, realm) do update "
    "set first_at = least(c.first_at, excluded.first_at), last_at = greatest(c.last_at, excluded.last_at) "
    "where excluded.first_at < c.first_at or excluded.last_at > c.last_at";

// Whose each one is. A refund that names no customer is of whose payment it is.
constexpr std::string_view select_customers =
    "with asked as materialized ("
    "  select w.place, w.tenant, w.provider, w.realm, w.is_test, coalesce(w.customer, ("
    "      select min(f.customer) from enrichment.fact f where f.tenant = w.tenant "
    "        and f.provider = w.provider and f.payment = w.payment and f.realm = w.realm "
    "        and f.is_test = w.is_test)) as customer "
    "    from unnest($1, $2, $3, $4, $5, $6) with ordinality "
    "      w(tenant, provider, realm, customer, payment, is_test, place)"
    ") select a.place, s.customer, s.first_at from asked a "
    "join enrichment.customer s on s.tenant = a.tenant and s.provider = a.provider and s.realm = a.realm "
    "  and s.is_test = a.is_test and s.customer = a.customer";

constexpr std::string_view select_percentiles =
    "select w.place, enrichment.percentile(w.tenant, w.is_test, w.currency, w.minor) "
    "from unnest($1, $2, $3, $4) with ordinality w(tenant, is_test, currency, minor, place) "
    "where w.currency is not null";

Uuid tenant_of(const ToldFact& told) {
    return told.tenant;
}
std::string_view provider_of(const ToldFact& told) {
    return told.provider;
}
std::string_view realm_of(const ToldFact& told) {
    return told.realm;
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
               column(facts, [](const ToldFact& told) { return told.fact.refunded; }), column(facts, is_test),
               column(facts, realm_of),
               column(facts, [](const ToldFact& told) { return names_in_one(told.fact.names); }),
               column(facts, [](const ToldFact& told) { return told.fact.released; }));
}

void put(google::protobuf::Timestamp& out, Timestamp time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    out.set_seconds(seconds.time_since_epoch().count());
    out.set_nanos(static_cast<std::int32_t>(std::chrono::nanoseconds{time - seconds}.count()));
}

// One of a customer's events, and where it stands among those that ask.
struct Asking {
    std::size_t place = 0;
    Timestamp first_at;
};
using Customers = std::map<CustomerKey, std::vector<Asking>>;

Customers customers_of(postgres::Transaction& tx, std::span<const ToldFact> facts) {
    Customers customers;
    for (const postgres::Row row : tx.execute(
             select_customers, column(facts, tenant_of), column(facts, provider_of), column(facts, realm_of),
             column(facts, customer_of), column(facts, payment_of), column(facts, is_test))) {
        const auto place = static_cast<std::size_t>(row.get<std::int64_t>(0) - 1);
        const ToldFact& told = facts[place];
        customers[{.tenant = told.tenant,
                   .provider = told.provider,
                   .realm = told.realm,
                   .customer = row.get<std::string>(1),
                   .is_test = told.fact.is_test}]
            .push_back({.place = place, .first_at = row.get<Timestamp>(2)});
    }
    return customers;
}

// Nothing where several currencies could be meant.
const std::pair<const std::string, Value>* worth_of(const Standing& standing, const std::string& currency) {
    if (currency.empty()) return standing.values.size() == 1 ? &*standing.values.begin() : nullptr;
    const auto found = standing.values.find(currency);
    return found == standing.values.end() ? nullptr : &*found;
}

v1::CustomerHistory history_of(const Standing& standing, const ToldFact& told, Timestamp first_at) {
    v1::CustomerHistory history;
    put(*history.mutable_customer_since(), std::min(first_at, told.at()));
    history.set_payments(standing.payments);
    history.set_failures(standing.failures);
    history.set_disputes(standing.disputes);
    if (standing.last_payment) put(*history.mutable_last_payment(), *standing.last_payment);
    if (const auto* const worth = worth_of(standing, told.currency)) {
        history.mutable_lifetime_paid()->set_currency(worth->first);
        history.mutable_lifetime_paid()->set_minor(worth->second.paid - worth->second.refunded);
    }
    return history;
}

using Histories = std::vector<std::optional<v1::CustomerHistory>>;

void reckon_customer(const KeptFacts& kept, std::span<const ToldFact> facts, std::span<const Asking> asking,
                     Histories& histories) {
    // In the microseconds that are kept, as the facts it is compared with.
    const auto kept_time = [](Timestamp at) {
        return Timestamp{std::chrono::floor<std::chrono::microseconds>(at)};
    };
    std::vector<CustomerFact> own;
    own.reserve(asking.size());
    for (const Asking& each : asking) {
        own.push_back(facts[each.place].fact);
        own.back().at = kept_time(facts[each.place].at());
    }
    std::vector<Question> questions;
    questions.reserve(own.size());
    for (const CustomerFact& fact : own) questions.push_back({.until = *fact.at, .but = &fact});
    auto standings = reckon(kept.facts, questions);
    for (std::size_t i = 0; i < asking.size(); ++i) {
        Standing& standing = standings[i];
        if (!kept.are_all) {
            // What is older than all that was read would seem to be the first.
            if (standing.payments + standing.failures + standing.disputes == 0) continue;
            standing.values.clear();
        }
        histories[asking[i].place] = history_of(standing, facts[asking[i].place], asking[i].first_at);
    }
}

void tell_percentiles(postgres::Transaction& tx, std::span<const ToldFact> facts, Histories& histories) {
    std::vector<OptionalText> currencies(facts.size());
    std::vector<std::int64_t> worths(facts.size());
    for (std::size_t i = 0; i < facts.size(); ++i) {
        if (!histories[i] || !histories[i]->has_lifetime_paid()) continue;
        currencies[i] = histories[i]->lifetime_paid().currency();
        worths[i] = histories[i]->lifetime_paid().minor();
    }
    for (const postgres::Row row : tx.execute(select_percentiles, column(facts, tenant_of),
                                              column(facts, is_test), currencies, worths)) {
        if (row.is_null(1)) continue;
        const auto place = static_cast<std::size_t>(row.get<std::int64_t>(0) - 1);
        histories.at(place)->set_value_percentile(static_cast<std::uint32_t>(row.get<std::int32_t>(1)));
    }
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
               column(facts, customer_of), column(facts, is_test), column(facts, realm_of),
               column(facts, time_of_fact));
}

Histories read_histories(postgres::Transaction& tx, std::span<const ToldFact> facts) {
    Histories histories(facts.size());
    if (facts.empty()) return histories;
    const Customers customers = customers_of(tx, facts);
    std::vector<CustomerKey> keys;
    std::vector<Timestamp> untils;
    for (const auto& [key, asking] : customers) {
        Timestamp until = Timestamp::min();
        for (const Asking& each : asking) until = std::max(until, facts[each.place].at());
        keys.push_back(key);
        untils.push_back(until);
    }
    const auto kept = read_facts(tx, keys, untils);
    std::size_t next = 0;
    for (const auto& [key, asking] : customers) reckon_customer(kept[next++], facts, asking, histories);
    tell_percentiles(tx, facts, histories);
    return histories;
}

}  // namespace tollgate::enrichment
