// What is counted of commits; shared by the committers of a process.
#pragma once

#include "core/result.hpp"
#include "ingress/submission.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::ingress {

struct CommitMetrics {
    explicit CommitMetrics(telemetry::Metrics& metrics);

    // An answer to a request.
    void count(const Result<Receipt>& answer);

    telemetry::Counter& accepted;
    telemetry::Counter& duplicates;
    telemetry::Counter& held;
    telemetry::Counter& failed;
    telemetry::Counter& in_doubt;
    telemetry::Counter& split;
    telemetry::Histogram& batch_size;
    telemetry::Histogram& seconds;
};

}  // namespace tollgate::ingress
