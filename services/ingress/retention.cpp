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

struct Dropped {
    bool one = false;
    bool busy = false;
    bool more = false;  // some of it is done
    std::optional<std::string> oldest_kept_because;
};

Result<Dropped> drop_a_day(Connection& connection, int horizon_days) {
    return transact(connection, [&](Transaction& tx) {
        Dropped dropped;
        for (const Row row :
             tx.execute("select day::text, kept_because from ingress.drop_days($1)", horizon_days)) {
            const auto because = row.get<std::optional<std::string>>(1);
            if (!because) {
                dropped.one = true;
                log::info("a day was dropped: it is beyond the horizon", {{"day", row.get<std::string>(0)}});
            } else if (*because == "busy") {
                dropped.busy = true;
            } else if (because->ends_with("taken aside")) {
                dropped.more = true;
            } else if (!dropped.oldest_kept_because) {
                dropped.oldest_kept_because = row.get<std::string>(0) + ": " + *because;
            }
        }
        return dropped;
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
    int busy = 0;
    for (bool more = true; more && !stop.stop_requested();) {
        const auto began = Clock::now();
        const auto dropped = drop_a_day(connection, settings.horizon_days);
        if (!dropped) return std::unexpected{dropped.error()};
        swept.days_dropped += dropped->one ? 1 : 0;
        swept.oldest_kept_because = dropped->oldest_kept_because;
        if (dropped->busy && ++busy == busy_tries_max) {
            swept.oldest_kept_because = "somebody reads its events and does not come to an end";
            break;
        }
        more = dropped->one || dropped->busy || dropped->more;
        if (more) pause(dropped->busy ? std::chrono::seconds{1} : Clock::now() - began, stop);
    }
    return swept;
}

Retention::Retention(postgres::ConnectionSettings connection, const RetentionSettings& settings,
                     const Uuid& holder, telemetry::Metrics& metrics)
    : connection_settings_{std::move(connection)},
      settings_{settings},
      days_dropped_{metrics.counter("days_dropped_total", "Days of events that were beyond the horizon.")},
      keys_pruned_{metrics.counter("keys_pruned_total", "Dedupe keys that had expired.")},
      day_overdue_{metrics.gauge("day_overdue", "1 while a day beyond the horizon cannot be dropped.")},
      failing_{metrics.gauge("retention_failing", "1 while days cannot be made or dropped.")},
      lease_{connection_settings_, {.name = "ingress.retention"}, holder},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

void Retention::run(const std::stop_token& stop) {
    std::string told;
    Clock::time_point prune_at = Clock::now();
    while (lease_.wait_until_held(stop)) {
        auto connection = Connection::open(connection_settings_);
        auto swept = connection ? sweep(*connection, settings_, stop) : std::unexpected{connection.error()};
        if (swept && Clock::now() >= prune_at) {
            const auto pruned = prune_keys(*connection, settings_.blocks_at_once, stop);
            if (pruned) {
                keys_pruned_.Increment(static_cast<double>(*pruned));
                prune_at = Clock::now() + settings_.prune_every;
            } else {
                swept = std::unexpected{pruned.error()};
            }
        }
        failing_.Set(swept ? 0 : 1);
        if (swept) {
            count(*swept);
            told.clear();
        } else if (told != swept.error().detail) {
            told = swept.error().detail;
            log::error("old days could not be swept: trying again", {{"error", swept.error()}});
        }
        pause(swept ? Clock::duration{settings_.every} : after_failure, stop);
    }
}

void Retention::count(const Swept& swept) {
    days_dropped_.Increment(swept.days_dropped);
    day_overdue_.Set(swept.oldest_kept_because ? 1 : 0);
    if (swept.oldest_kept_because)
        log::warning("a day beyond the horizon is kept", {{"why", *swept.oldest_kept_because}});
}

}  // namespace tollgate::ingress
