#include "consumer/runtime_metrics.hpp"

namespace tollgate::consumer {

namespace {

const telemetry::Buckets batch_sizes{1, 3, 10, 30, 100, 300, 1000, 3000};

telemetry::Labels labels(const std::string& consumer) {
    return {{"consumer", consumer}};
}

telemetry::Counter& outcome(telemetry::Metrics& metrics, const std::string& consumer,
                            const std::string& name) {
    return metrics.counter("consumer_messages_total", "Messages by what became of them.",
                           {{"consumer", consumer}, {"outcome", name}});
}

// Of those that an operator has had tried again.
telemetry::Counter& replayed(telemetry::Metrics& metrics, const std::string& consumer,
                             const std::string& name) {
    return metrics.counter("consumer_replayed_total",
                           "Messages that were replayed, by what became of each try.",
                           {{"consumer", consumer}, {"outcome", name}});
}

telemetry::Gauge& rows(telemetry::Metrics& metrics, const std::string& consumer, const std::string& state) {
    return metrics.gauge("consumer_work_rows", "Messages that were not done at once, by state.",
                         {{"consumer", consumer}, {"state", state}});
}

}  // namespace

RuntimeMetrics::RuntimeMetrics(telemetry::Metrics& metrics, const std::string& consumer)
    : done{outcome(metrics, consumer, "done")},
      retried{outcome(metrics, consumer, "retry")},
      held{outcome(metrics, consumer, "held")},
      died{outcome(metrics, consumer, "dead")},
      replayed_done{replayed(metrics, consumer, "done")},
      replayed_retried{replayed(metrics, consumer, "retry")},
      replayed_held{replayed(metrics, consumer, "held")},
      replayed_died{replayed(metrics, consumer, "dead")},
      duplicates{metrics.counter("consumer_duplicates_total",
                                 "Copies of messages that were taken on before: dropped.", labels(consumer))},
      crashes{metrics.counter("consumer_left_open_total",
                              "Messages that another member had begun with and not ended.",
                              labels(consumer))},
      splits{metrics.counter("consumer_batches_split_total",
                             "Batches tried again in halves, for a message in them is at fault.",
                             labels(consumer))},
      repeats{metrics.counter("consumer_batches_repeated_total",
                              "Batches that come again as they are: nobody's fault.", labels(consumer))},
      refilled{metrics.counter("consumer_refilled_total", "Stored events appended to the journal again.",
                               labels(consumer))},
      log_replaced{metrics.counter("consumer_log_replaced_total",
                                   "Partitions that are not the ones that the positions were taken in.",
                                   labels(consumer))},
      batch_messages{metrics.histogram("consumer_batch_messages", "Messages that came at a time.",
                                       batch_sizes, labels(consumer))},
      batch_seconds{metrics.histogram("consumer_batch_seconds",
                                      "From the first look at a batch to its commit.",
                                      telemetry::latency_buckets_seconds(), labels(consumer))},
      reading{metrics.gauge("consumer_reading", "1 while this member reads, and does not stand by.",
                            labels(consumer))},
      failing{
          metrics.gauge("consumer_failing", "1 while it cannot go on; the log says why.", labels(consumer))},
      lag{metrics.gauge("consumer_lag_messages", "Messages before this member.", labels(consumer))},
      oldest_age{metrics.gauge("consumer_oldest_age_seconds",
                               "How long ago the event was received that came last; 0 when none waits.",
                               labels(consumer))},
      rows_retrying{rows(metrics, consumer, "retrying")},
      rows_held{rows(metrics, consumer, "held")},
      rows_dead{rows(metrics, consumer, "dead")},
      oldest_retry_age{metrics.gauge("consumer_oldest_retry_age_seconds",
                                     "How long the message has failed that is retried longest.",
                                     labels(consumer))},
      replays_outstanding{metrics.gauge("consumer_replays_outstanding_messages",
                                        "Messages that are being replayed: tried again, or waiting for it.",
                                        labels(consumer))},
      database_behind{metrics.gauge("consumer_database_behind",
                                    "1 where Kafka's group was further than the stored positions: the "
                                    "database is older than the world.",
                                    labels(consumer))} {}

void RuntimeMetrics::count(const std::optional<Verdict>& verdict, Cause cause) {
    const auto increment = [&](telemetry::Counter& all, telemetry::Counter& replayed) {
        all.Increment();
        if (cause == Cause::replay) replayed.Increment();
    };
    if (!verdict) {
        increment(done, replayed_done);
    } else if (verdict->state == WorkState::retrying) {
        increment(retried, replayed_retried);
    } else if (verdict->state == WorkState::held) {
        increment(held, replayed_held);
    } else {
        increment(died, replayed_died);
    }
}

}  // namespace tollgate::consumer
