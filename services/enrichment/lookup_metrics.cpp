#include "enrichment/lookup_metrics.hpp"

namespace tollgate::enrichment {

telemetry::Counter& lookups_by_outcome(telemetry::Metrics& metrics, const std::string& kind,
                                       const std::string& outcome) {
    return metrics.counter("enrichment_lookups_total", "What was looked up, by what came of it.",
                           {{"kind", kind}, {"outcome", outcome}});
}

LookupMetrics::LookupMetrics(telemetry::Metrics& metrics, const std::string& kind)
    : answered{lookups_by_outcome(metrics, kind, "answered")},
      failed{lookups_by_outcome(metrics, kind, "failed")},
      left_out{lookups_by_outcome(metrics, kind, "left_out")},
      seconds{metrics.histogram("enrichment_lookup_seconds", "How long a call took, whatever came of it.",
                                telemetry::latency_buckets_seconds(), {{"kind", kind}})} {}

}  // namespace tollgate::enrichment
