// Makes days ahead and drops what is old: days of the archive beyond the horizon, keys of the ledger that
// have expired. One process does it at a time, by the lease "ingress.retention".
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "postgres/connection.hpp"
#include "postgres/lease.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::ingress {

struct RetentionSettings {
    int days_ahead = 7;
    int horizon_days = 35;
    std::chrono::milliseconds every{std::chrono::hours{1}};
    // Keys live for days or weeks, and looking for the expired ones reads the whole ledger.
    std::chrono::milliseconds prune_every{std::chrono::hours{24}};
    int blocks_at_once = 256;    // of the ledger, in one transaction: 2 MiB
    int counts_at_once = 5'000;  // rows of what was answered and published, in one transaction
};

struct Swept {
    int days_made = 0;
    int days_dropped = 0;
    std::optional<std::string> oldest_kept_because;  // of a day beyond the horizon
};

// Days, once.
Result<Swept> sweep(postgres::Connection& connection, const RetentionSettings& settings,
                    const std::stop_token& stop);
// Counts of the days that were dropped, once; how many rows there were. Waits as `prune_keys` does.
Result<std::int64_t> forget_counts(postgres::Connection& connection, int rows_at_once,
                                   const std::stop_token& stop);
// Expired keys, once; how many there were. Waits between its steps, so that it takes half of a connection's
// time.
Result<std::int64_t> prune_keys(postgres::Connection& connection, int blocks_at_once,
                                const std::stop_token& stop);

class Retention {
public:
    Retention(postgres::ConnectionSettings connection, const RetentionSettings& settings, const Uuid& holder,
              telemetry::Metrics& metrics);

private:
    void run(const std::stop_token& stop);
    // All of it, whatever fails of it; the first failure.
    Result<void> clear(postgres::Connection& connection, const std::stop_token& stop);
    Result<void> prune_when_due(postgres::Connection& connection, const std::stop_token& stop);
    void count(const Swept& swept);

    const postgres::ConnectionSettings connection_settings_;
    const RetentionSettings settings_;
    telemetry::Counter& days_dropped_;
    telemetry::Counter& keys_pruned_;
    telemetry::Gauge& day_overdue_;
    telemetry::Gauge& failing_;
    std::chrono::steady_clock::time_point prune_at_ = std::chrono::steady_clock::now();
    postgres::Lease lease_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::ingress
