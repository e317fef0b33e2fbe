#include "journal/keeper.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "telemetry/log.hpp"

namespace tollgate::journal {

namespace log = telemetry::log;
using postgres::Connection;
using postgres::SqlError;

Keeper::Keeper(postgres::ConnectionSettings connection, const KeeperSettings& settings, const Uuid& holder,
               telemetry::Metrics& metrics)
    : connection_settings_{std::move(connection)},
      settings_{settings},
      holder_{holder},
      ticks_{metrics.counter("journal_ticks_total", "Ticks written to the journal.")},
      emptied_{metrics.counter("journal_emptied_total", "Children of the journal emptied, all of it read.")},
      rotated_{metrics.counter("journal_rotations_total", "Times that the next child took over.")},
      shows_keeping_{
          metrics.gauge("journal_keeping", "1 while this process is the one that keeps the journal.")},
      refused_{
          metrics.gauge("journal_keeper_refused",
                        "1 while the journal cannot be kept until an operator runs `tollgate migrate`.")},
      rotation_overdue_{metrics.gauge("journal_rotation_overdue_seconds",
                                      "How long a rotation has been due and could not be done.")},
      lease_{connection_settings_, {.name = "journal.keeper"}, holder},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Keeper::~Keeper() {
    thread_.request_stop();
    thread_.join();
}

void Keeper::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    while (const auto epoch = lease_.wait_until_held(stop)) {
        const auto kept = keep(*epoch, stop);
        keeping_ = false;
        shows_keeping_.Set(0);
        rotation_overdue_.Set(0);
        if (kept) continue;
        report(kept.error());
        std::unique_lock lock{mutex};
        never.wait_for(lock, stop, settings_.look_every, [] { return false; });
    }
    refused_.Set(0);
}

void Keeper::report(const Error& error) {
    refused_.Set(error.code == ErrorCode::misconfigured ? 1 : 0);
    if (reported_ == error.text()) return;
    reported_ = error.text();
    if (error.code == ErrorCode::misconfigured) {
        log::error("the journal is not kept: nothing is delivered until this is mended", {{"error", error}});
    } else {
        log::warning("the journal is not kept for a moment", {{"error", error}});
    }
}

Result<void> Keeper::keep(std::int64_t epoch, const std::stop_token& stop) {
    auto connection = Connection::open(connection_settings_);
    if (!connection) return std::unexpected{connection.error()};
    try {
        connection->execute_script("listen tollgate_appended");
        auto tenure = Tenure::begin(*connection, holder_, epoch);
        if (!tenure) return std::unexpected{tenure.error()};
        ticks_.Increment();
        refused_.Set(0);
        keeping_ = true;
        shows_keeping_.Set(1);
        reported_.clear();
        log::info("keeping the journal", {{"epoch", epoch}});
        return keep_ticking(*connection, *tenure, epoch, stop);
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
}

Result<void> Keeper::keep_ticking(Connection& connection, Tenure& tenure, std::int64_t epoch,
                                  const std::stop_token& stop) {
    SteadyTime tidy_at;
    while (!stop.stop_requested() && lease_.epoch() == epoch) {
        const SteadyTime began = std::chrono::steady_clock::now();
        const auto ticked = tenure.tick_if_due();
        if (!ticked) return std::unexpected{ticked.error()};
        if (*ticked) ticks_.Increment();
        if (began >= tidy_at) {
            if (const auto tidied = tidy(tenure); !tidied) return tidied;
            tidy_at = began + settings_.tidy_every;
        }
        if (*ticked) {
            // What comes within this time goes into one tick, and its hints are taken with it.
            while (std::chrono::steady_clock::now() < began + settings_.tick_every) {
                connection.wait_for_notification(std::chrono::ceil<std::chrono::milliseconds>(
                    began + settings_.tick_every - std::chrono::steady_clock::now()));
            }
        } else {
            connection.wait_for_notification(settings_.look_every);
        }
    }
    return {};
}

Result<void> Keeper::tidy(Tenure& tenure) {
    const auto tidied = tenure.tidy(settings_.rotation);
    if (!tidied) return std::unexpected{tidied.error()};
    emptied_.Increment(tidied->emptied);
    if (tidied->rotated) {
        rotated_.Increment();
        ticks_.Increment();
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    const std::string blocker = tidied->rotation_blocked_by.value_or("");
    if (blocker.empty()) {
        if (!reported_blocker_.empty()) log::info("the journal rotates again");
        blocked_since_ = now;
    } else if (blocker != reported_blocker_) {
        log::warning("the journal grows: its next child cannot be emptied", {{"blocked_by", blocker}});
    }
    reported_blocker_ = blocker;
    rotation_overdue_.Set(std::chrono::duration<double>(now - blocked_since_).count());
    return {};
}

}  // namespace tollgate::journal
