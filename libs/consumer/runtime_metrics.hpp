// What a consumer tells of itself.
#pragma once

#include <optional>
#include <string>

#include "consumer/work.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::consumer {

struct RuntimeMetrics {
    RuntimeMetrics(telemetry::Metrics& metrics, const std::string& consumer);

    // One that was tried again; no verdict: it is done.
    void count(const std::optional<Verdict>& verdict, Cause cause);

    telemetry::Counter& done;
    telemetry::Counter& retried;
    telemetry::Counter& held;
    telemetry::Counter& died;
    telemetry::Counter& replayed_done;
    telemetry::Counter& replayed_retried;
    telemetry::Counter& replayed_held;
    telemetry::Counter& replayed_died;
    telemetry::Counter& duplicates;
    telemetry::Counter& crashes;
    telemetry::Counter& splits;
    telemetry::Counter& repeats;
    telemetry::Counter& refilled;
    telemetry::Counter& log_replaced;
    telemetry::Histogram& batch_messages;
    telemetry::Histogram& batch_seconds;
    telemetry::Gauge& reading;
    telemetry::Gauge& failing;
    telemetry::Gauge& lag;
    telemetry::Gauge& oldest_age;
    telemetry::Gauge& rows_retrying;
    telemetry::Gauge& rows_held;
    telemetry::Gauge& rows_dead;
    telemetry::Gauge& oldest_retry_age;
    telemetry::Gauge& replays_outstanding;
    telemetry::Gauge& database_behind;
};

}  // namespace tollgate::consumer
