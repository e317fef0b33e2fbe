// Keeps the journal: writes its ticks, rotates its children, empties those that all have read. One process
// does it at a time, by the lease "journal.keeper"; the others stand by.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>

#include "core/uuid.hpp"
#include "journal/tenure.hpp"
#include "postgres/connection.hpp"
#include "postgres/lease.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::journal {

struct KeeperSettings {
    std::chrono::milliseconds tick_every{5};    // at most, while something new comes
    std::chrono::milliseconds look_every{250};  // when no hint comes
    std::chrono::milliseconds tidy_every{1000};
    RotationSettings rotation{};
};

class Keeper {
public:
    Keeper(postgres::ConnectionSettings connection, const KeeperSettings& settings, const Uuid& holder,
           telemetry::Metrics& metrics);
    ~Keeper();
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;

    // Whether this process keeps. A hint, as that of the lease.
    bool is_keeping() const { return keeping_; }

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run(const std::stop_token& stop);
    Result<void> keep(std::int64_t epoch, const std::stop_token& stop);
    Result<void> keep_ticking(postgres::Connection& connection, Tenure& tenure, std::int64_t epoch,
                              const std::stop_token& stop);
    Result<void> tidy(Tenure& tenure);
    void report(const Error& error);

    const postgres::ConnectionSettings connection_settings_;
    const KeeperSettings settings_;
    const Uuid holder_;
    telemetry::Counter& ticks_;
    telemetry::Counter& emptied_;
    telemetry::Counter& rotated_;
    telemetry::Gauge& shows_keeping_;
    telemetry::Gauge& refused_;
    telemetry::Gauge& rotation_overdue_;
    std::atomic<bool> keeping_ = false;
    std::string reported_;          // the last failure, told once
    std::string reported_blocker_;  // likewise
    SteadyTime blocked_since_;
    postgres::Lease lease_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::journal
