#include "enrichment/upkeep.hpp"

#include <algorithm>
#include <string>

#include "consumer/erased.hpp"
#include "core/pause.hpp"
#include "enrichment/companies.hpp"
#include "enrichment/kept_facts.hpp"
#include "enrichment/reckoning.hpp"
#include "telemetry/log.hpp"

namespace tollgate::enrichment {

namespace {

namespace log = telemetry::log;
using postgres::Transaction;

constexpr std::chrono::milliseconds after_failure{std::chrono::seconds{10}};

// A tenant is skipped that another process is at, or was lately.
constexpr std::string_view select_due =
    "with recursive tenant (id) as ("
    "  (select tenant from enrichment.customer where tenant > $1 order by tenant limit 1) "
    "  union all select (select c.tenant from enrichment.customer c where c.tenant > t.id order by c.tenant "
    "limit 1) "
    "    from tenant t where t.id is not null"
    ") select t.id from tenant t left join enrichment.reckoned r on r.tenant = t.id "
    "where t.id is not null and (r.at is null or r.at <= clock_timestamp() - $2) limit 1";

constexpr std::string_view claim =
    "insert into enrichment.reckoned as r (tenant, at) values ($1, clock_timestamp()) "
    "on conflict (tenant) do update set at = excluded.at where r.at <= clock_timestamp() - $2 returning "
    "tenant";

// Others each time.
constexpr std::string_view select_sample =
    "select c.provider, c.realm, c.customer, c.is_test from enrichment.customer c where c.tenant = $1 "
    "order by hashtextextended(c.customer, extract(epoch from now())::bigint) limit $2";

// Among a few, a place says nothing.
constexpr std::string_view write_bounds =
    "with reckoned as ("
    "  select w.is_test, w.currency, count(*) as customers, "
    "      percentile_disc(array(select n / 100.0 from generate_series(1, 99) n)) "
    "        within group (order by w.minor) as bounds "
    "    from unnest($2, $3, $4) w(is_test, currency, minor) group by 1, 2 having count(*) >= 20"
    "), gone as ("
    "  delete from enrichment.value_bounds b where b.tenant = $1 and not exists ("
    "    select from reckoned r where r.is_test = b.is_test and r.currency = b.currency)"
    ") insert into enrichment.value_bounds (tenant, is_test, currency, bounds, customers) "
    "select $1, r.is_test, r.currency, r.bounds, r.customers from reckoned r "
    "on conflict (tenant, is_test, currency) do update "
    "set bounds = excluded.bounds, customers = excluded.customers";

// Read together.
constexpr std::size_t customers_at_once = 100;

struct Worths {
    std::vector<bool> are_tests;
    std::vector<std::string> currencies;
    std::vector<std::int64_t> minors;
};

std::vector<CustomerKey> sample_of(Transaction& tx, const Uuid& tenant, std::int32_t most) {
    std::vector<CustomerKey> keys;
    for (const auto row : tx.execute(select_sample, tenant, most)) {
        keys.push_back({.tenant = tenant,
                        .provider = row.get<std::string>(0),
                        .realm = row.get<std::string>(1),
                        .customer = row.get<std::string>(2),
                        .is_test = row.get<bool>(3)});
    }
    return keys;
}

void reckon_bounds(Transaction& tx, const Uuid& tenant, std::int32_t customers_max) {
    const auto keys = sample_of(tx, tenant, customers_max);
    Worths worths;
    for (std::size_t begin = 0; begin < keys.size(); begin += customers_at_once) {
        const auto some = std::span{keys}.subspan(begin, std::min(customers_at_once, keys.size() - begin));
        const std::vector<Timestamp> untils(some.size(), end_of_time);
        const auto kept = read_facts(tx, some, untils);
        for (std::size_t i = 0; i < some.size(); ++i) {
            if (!kept[i].are_all) continue;  // worth more than is known
            const Question question;
            const auto standings = reckon(kept[i].facts, {&question, 1});
            for (const auto& [currency, value] : standings.front().values) {
                worths.are_tests.push_back(some[i].is_test);
                worths.currencies.push_back(currency);
                worths.minors.push_back(value.paid - value.refunded);
            }
        }
    }
    tx.execute(write_bounds, tenant, worths.are_tests, worths.currencies, worths.minors);
}

}  // namespace

std::optional<Uuid> rank_customers(Transaction& tx, const Uuid& after, const UpkeepSettings& settings) {
    const auto due = tx.execute(select_due, after, settings.rank_every);
    if (due.empty()) return std::nullopt;
    const auto tenant = due.only().get<Uuid>(0);
    if (!tx.execute(claim, tenant, settings.rank_every).empty())
        reckon_bounds(tx, tenant, settings.customers_max);
    return tenant;
}

Upkeep::Upkeep(postgres::ConnectionSettings connection, const UpkeepSettings& settings)
    : connection_{std::move(connection)},
      settings_{settings},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void Upkeep::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto done = do_all(stop);
        if (!done)
            log::warning("the upkeep of enrichment failed, and is tried again", {{"error", done.error()}});
        pause(done ? settings_.every : std::min(settings_.every, after_failure), stop);
    }
}

Result<void> Upkeep::do_all(const std::stop_token& stop) {
    auto connection = postgres::Connection::open(connection_);
    if (!connection) return std::unexpected{connection.error()};
    for (bool more = true; more && !stop.stop_requested();) {
        const auto purged = transact(
            *connection, [&](Transaction& tx) { return purge_companies(tx, settings_.companies_at_once); });
        if (!purged) return std::unexpected{purged.error()};
        more = *purged == settings_.companies_at_once;
    }
    for (bool more = true; more && !stop.stop_requested();) {
        const auto forgotten = transact(*connection, [&](Transaction& tx) {
            return consumer::forget_erasures(tx, settings_.erased_names_at_once);
        });
        if (!forgotten) return std::unexpected{forgotten.error()};
        more = *forgotten >= settings_.erased_names_at_once;
    }
    for (Uuid after{}; !stop.stop_requested();) {
        const auto ranked =
            transact(*connection, [&](Transaction& tx) { return rank_customers(tx, after, settings_); });
        if (!ranked) return std::unexpected{ranked.error()};
        if (!*ranked) return {};
        after = **ranked;
    }
    return {};
}

}  // namespace tollgate::enrichment
