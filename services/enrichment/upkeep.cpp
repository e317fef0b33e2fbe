#include "enrichment/upkeep.hpp"

#include <algorithm>
#include <string>

#include "core/pause.hpp"
#include "enrichment/companies.hpp"
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

}  // namespace

std::optional<Uuid> rank_customers(Transaction& tx, const Uuid& after, const UpkeepSettings& settings) {
    const auto due = tx.execute(select_due, after, settings.rank_every);
    if (due.empty()) return std::nullopt;
    const auto tenant = due.only().get<Uuid>(0);
    if (!tx.execute(claim, tenant, settings.rank_every).empty())
        tx.execute("select enrichment.reckon_bounds($1, $2)", tenant, settings.customers_max);
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
