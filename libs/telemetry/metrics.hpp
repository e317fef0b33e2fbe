// The numbers of one process. Ask once for a counter, gauge or histogram and keep the reference: it lives
// as long as the registry, and updating it takes no lock that anybody waits for.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

namespace prometheus {
class Registry;
}

namespace tollgate::telemetry {

using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;
using Labels = std::map<std::string, std::string>;
using Buckets = prometheus::Histogram::BucketBoundaries;

// From half a millisecond to a minute, in steps of two and a half.
const Buckets& latency_buckets_seconds();

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // `name` is what comes after "tollgate_", and begins with what measures (ingress, relay, consumer,
    // journal), not with the process that this runs in; counters end in "_total". The same name and labels
    // give the same metric. A name that Prometheus does not allow is a bug and throws std::invalid_argument.
    Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
    Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
    Histogram& histogram(const std::string& name, const std::string& help,
                         const Buckets& buckets = latency_buckets_seconds(), const Labels& labels = {});

    // Prometheus' text format 0.0.4.
    std::string text() const;

private:
    std::unique_ptr<prometheus::Registry> registry_;
};

}  // namespace tollgate::telemetry
