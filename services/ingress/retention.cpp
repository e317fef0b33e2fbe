#include "ingress/retention.hpp"

#include "archive/days.hpp"
#include "core/pause.hpp"
#include "postgres/transaction.hpp"
#include "telemetry/log.hpp"

namespace tollgate::ingress {

namespace log = telemetry::log;
using Clock = std::chrono::steady_clock;
using postgres::Connection;
using postgres::Row;
using postgres::Transaction;

namespace {

constexpr std::chrono::seconds after_failure{10};
// Each holds up for a moment who writes an event.
constexpr int busy_tries_max = 5;
// Whether consumers have got all of a day takes about a second for each of them and million events.
constexpr std::chrono::minutes looking_at_most{2};

// One call: at most one day is dropped.
struct Progress {
    bool dropped = false;
    bool partly = false;  // some of what it takes is done
    bool busy = false;
    std::optional<std::string> oldest_kept_because;
};

Result<Progress> drop_a_day(Connection& connection, int horizon_days) {
    return transact(connection, [&](Transaction& tx) {
        Progress made;
        tx.execute("select set_config('statement_timeout', $1, true)",
                   fmt::format("{}ms", std::chrono::milliseconds{looking_at_most}.count()));
        for (const Row row : tx.execute("select day::text, kept_because, progress from ingress.drop_days($1)",
                                        horizon_days)) {
            const auto day = row.get<std::string>(0);
            const auto progress = row.get<std::string_view>(2);
            made.partly |= progress == "partly";
            made.busy |= progress == "busy";
            if (progress == "dropped") {
                made.dropped = true;
                log::info("a day was dropped: it is beyond the horizon", {{"day", day}});
            } else if (!made.oldest_kept_because) {
                made.oldest_kept_because = day + ": " + row.get<std::string>(1);
            }
        }
        return made;
    });
}

}  // namespace

Result<std::int64_t> prune_keys(Connection& connection, int blocks, const std::stop_token& stop) {
    std::int64_t pruned = 0;
    for (std::int64_t block = 0; !stop.stop_requested(); block += blocks) {
        const auto began = Clock::now();
        const auto step = transact(connection, [&](Transaction& tx) {
            return tx.execute("select pruned, at_end from ingress.prune_keys($1, $2)", block, blocks)
                .only()
                .as<std::int64_t, bool>();
        });
        // Somebody takes one of these keys just now: they are looked at again next time.
        if (!step && step.error().code != ErrorCode::contended) return std::unexpected{step.error()};
        if (step) {
            pruned += std::get<0>(*step);
            if (std::get<1>(*step)) break;
        }
        pause(Clock::now() - began, stop);
    }
    return pruned;
}

Result<Swept> sweep(Connection& connection, const RetentionSettings& settings, const std::stop_token& stop) {
    Swept swept;
    const auto made = archive::make_days(connection, settings.days_ahead);
    if (!made) return std::unexpected{made.error()};
    swept.days_made = *made;
    int busy_tries = 0;
    for (bool more = true; more && !stop.stop_requested();) {
        const auto began = Clock::now();
        const auto progress = drop_a_day(connection, settings.horizon_days);
        if (!progress) return std::unexpected{progress.error()};
        swept.days_dropped += progress->dropped ? 1 : 0;
        swept.oldest_kept_because = progress->oldest_kept_because;
        const bool tries_again = progress->busy && ++busy_tries < busy_tries_max;
        more = progress->dropped || progress->partly || tries_again;
        if (more) pause(progress->busy ? std::chrono::seconds{1} : Clock::now() - began, stop);
    }
    return swept;
}

Result<std::int64_t> forget_counts(Connection& connection, int rows_at_once, const std::stop_token& stop) {
    std::int64_t forgotten = 0;
    for (const char* const step : {"select forgotten, reached from ingress.forget_published($1, $2)",
                                   "select forgotten, reached from ingress.forget_answers($1, $2)"}) {
        std::optional<Timestamp> from;
        do {
            const auto began = Clock::now();
            const auto gone = transact(connection, [&](Transaction& tx) {
                return tx.execute(step, from, rows_at_once)
                    .only()
                    .as<std::int64_t, std::optional<Timestamp>>();
            });
            if (!gone) return std::unexpected{gone.error()};
            forgotten += std::get<0>(*gone);
            from = std::get<1>(*gone);
            if (from) pause(Clock::now() - began, stop);
        } while (from && !stop.stop_requested());
    }
    return forgotten;
}

Retention::Retention(postgres::ConnectionSettings connection, const RetentionSettings& settings,
                     const Uuid& holder, telemetry::Metrics& metrics)
    : connection_settings_{std::move(connection)},
      settings_{settings},
      days_dropped_{
          metrics.counter("ingress_days_dropped_total", "Days of events that were beyond the horizon.")},
      keys_pruned_{metrics.counter("ingress_keys_pruned_total", "Dedupe keys that had expired.")},
      day_overdue_{
          metrics.gauge("ingress_day_overdue", "1 while a day beyond the horizon cannot be dropped.")},
      failing_{metrics.gauge("ingress_retention_failing", "1 while days cannot be made or dropped.")},
      lease_{connection_settings_, {.name = "ingress.retention"}, holder},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void Retention::run(const std::stop_token& stop) {
    std::string told;
    while (lease_.wait_until_held(stop)) {
        auto connection = Connection::open(connection_settings_);
        const auto cleared = connection ? clear(*connection, stop) : std::unexpected{connection.error()};
        failing_.Set(cleared ? 0 : 1);
        if (cleared) {
            told.clear();
        } else if (told != cleared.error().detail) {
            told = cleared.error().detail;
            log::error("old days could not be swept: trying again", {{"error", cleared.error()}});
        }
        pause(cleared ? Clock::duration{settings_.every} : after_failure, stop);
    }
}

Result<void> Retention::clear(Connection& connection, const std::stop_token& stop) {
    const auto swept = sweep(connection, settings_, stop);
    if (swept) count(*swept);
    const auto forgotten = forget_counts(connection, settings_.counts_at_once, stop);
    auto pruned = prune_when_due(connection, stop);
    if (!swept) return std::unexpected{swept.error()};
    if (!forgotten) return std::unexpected{forgotten.error()};
    return pruned;
}

Result<void> Retention::prune_when_due(Connection& connection, const std::stop_token& stop) {
    if (Clock::now() < prune_at_) return {};
    const auto pruned = prune_keys(connection, settings_.blocks_at_once, stop);
    if (!pruned) return std::unexpected{pruned.error()};
    keys_pruned_.Increment(static_cast<double>(*pruned));
    prune_at_ = Clock::now() + settings_.prune_every;
    return {};
}

void Retention::count(const Swept& swept) {
    days_dropped_.Increment(swept.days_dropped);
    day_overdue_.Set(swept.oldest_kept_because ? 1 : 0);
    if (swept.oldest_kept_because)
        log::warning("a day beyond the horizon is kept", {{"why", *swept.oldest_kept_because}});
}

}  // namespace tollgate::ingress
