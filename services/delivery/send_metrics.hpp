// What the sender tells of itself.
#pragma once

#include <array>

#include "delivery/queue.hpp"
#include "delivery/settling.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::delivery {

struct SendMetrics {
    explicit SendMetrics(telemetry::Metrics& metrics);

    void show(const Standing& standing);
    void count(OutcomeKind kind) { outcomes.at(static_cast<std::size_t>(kind))->Increment(); }

    std::array<telemetry::Counter*, 10> outcomes;
    telemetry::Counter& lapsed;
    telemetry::Counter& died;
    telemetry::Gauge& under_way;
    telemetry::Gauge& failing;  // 1 while the database does not take what it is told
    // Of all tenants, as any sender sees them.
    telemetry::Gauge& waiting;
    telemetry::Gauge& dead;
    telemetry::Gauge& unknown;
    telemetry::Gauge& oldest_due;
    telemetry::Gauge& oldest_waiting;
    telemetry::Gauge& broken;
    telemetry::Gauge& breakers_open;
    telemetry::Histogram& call_seconds;
    telemetry::Histogram& age_seconds;
};

}  // namespace tollgate::delivery
