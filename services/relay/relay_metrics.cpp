#include "relay/relay_metrics.hpp"

namespace tollgate::relay {

namespace {

const telemetry::Buckets batch_sizes{1, 3, 10, 30, 100, 300, 1000, 3000, 10000};

}  // namespace

RelayMetrics::RelayMetrics(telemetry::Metrics& metrics)
    : producing{metrics.gauge("relay_producing", "1 while this process is the one that produces to Kafka.")},
      blocked{metrics.gauge("relay_producing_blocked",
                            "1 while it should and cannot; readiness and the log say what is to be mended.")},
      topics_weak{metrics.gauge("relay_topics_weak", "Topics that are weaker than they should be.")},
      under_way{metrics.gauge("relay_records_under_way", "Records sent and not acknowledged.")},
      produced{metrics.counter("relay_records_produced_total", "Records that brokers have acknowledged.")},
      refused{metrics.counter("relay_records_refused_total",
                              "Entries set aside: their records are refused for good.")},
      failed{metrics.counter("relay_deliveries_failed_total",
                             "Times that the producer was purged and began again at the saved position.")},
      batch_records{metrics.histogram("relay_read_batch_records", "Entries read at a time.", batch_sizes)},
      save_seconds{metrics.histogram("relay_position_save_seconds", "What it takes to save the position.")} {}

}  // namespace tollgate::relay
