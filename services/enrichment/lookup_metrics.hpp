// What is counted of look-ups at other systems.
#pragma once

#include <string>

#include "telemetry/metrics.hpp"

namespace tollgate::enrichment {

telemetry::Counter& lookups_by_outcome(telemetry::Metrics& metrics, const std::string& kind,
                                       const std::string& outcome);

// Of one kind of calls: "company" or "payer".
struct LookupMetrics {
    LookupMetrics(telemetry::Metrics& metrics, const std::string& kind);

    telemetry::Counter& answered;
    telemetry::Counter& failed;
    telemetry::Counter& left_out;  // who is asked was left alone for a while, or too many were under way
    telemetry::Histogram& seconds;
};

}  // namespace tollgate::enrichment
