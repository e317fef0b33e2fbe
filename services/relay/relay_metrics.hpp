// What the relay tells of itself. How far it is behind, the journal's own metrics tell: reader "relay".
#pragma once

#include "telemetry/metrics.hpp"

namespace tollgate::relay {

struct RelayMetrics {
    explicit RelayMetrics(telemetry::Metrics& metrics);

    telemetry::Gauge& producing;
    telemetry::Gauge& blocked;
    telemetry::Gauge& topics_weak;
    telemetry::Gauge& under_way;
    telemetry::Counter& produced;
    telemetry::Counter& refused;
    telemetry::Counter& failed;
    telemetry::Histogram& batch_records;
    telemetry::Histogram& save_seconds;
};

}  // namespace tollgate::relay
