#include "ingress/commit_metrics.hpp"

namespace tollgate::ingress {

namespace {

const telemetry::Buckets& batch_buckets() {
    static const telemetry::Buckets buckets{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
    return buckets;
}

}  // namespace

CommitMetrics::CommitMetrics(telemetry::Metrics& metrics)
    : accepted{metrics.counter("ingress_events_total", "Events by what became of them.",
                               {{"outcome", "accepted"}})},
      duplicates{metrics.counter("ingress_events_total", "Events by what became of them.",
                                 {{"outcome", "duplicate"}})},
      held{metrics.counter("ingress_events_total", "Events by what became of them.", {{"outcome", "held"}})},
      failed{metrics.counter("ingress_requests_not_committed_total",
                             "Verified requests that were answered with an error and not with 200.")},
      in_doubt{metrics.counter("ingress_commits_in_doubt_total", "Commits whose answer was lost.")},
      split{metrics.counter("ingress_batches_split_total", "Batches of which one request was at fault.")},
      batch_size{metrics.histogram("ingress_batch_requests", "Requests in one commit.", batch_buckets())},
      seconds{metrics.histogram("ingress_commit_seconds", "How long a commit took.")} {}

void CommitMetrics::count(const Result<Receipt>& answer) {
    if (!answer) {
        failed.Increment();
        return;
    }
    for (const Outcome& outcome : *answer) {
        (outcome.fate == Fate::accepted    ? accepted
         : outcome.fate == Fate::duplicate ? duplicates
                                           : held)
            .Increment();
    }
}

}  // namespace tollgate::ingress
