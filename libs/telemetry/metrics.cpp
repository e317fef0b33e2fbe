#include "telemetry/metrics.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace tollgate::telemetry {

const Buckets& latency_buckets_seconds() {
    static const Buckets buckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                 0.25,   0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};
    return buckets;
}

namespace {

std::string full(const std::string& name) {
    return "tollgate_" + name;
}

}  // namespace

Metrics::Metrics() : registry_{std::make_unique<prometheus::Registry>()} {}

Metrics::~Metrics() = default;

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildCounter().Name(full(name)).Help(help).Register(*registry_).Add(labels);
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
    return prometheus::BuildGauge().Name(full(name)).Help(help).Register(*registry_).Add(labels);
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const Buckets& buckets,
                              const Labels& labels) {
    return prometheus::BuildHistogram().Name(full(name)).Help(help).Register(*registry_).Add(labels, buckets);
}

std::string Metrics::text() const {
    return prometheus::TextSerializer{}.Serialize(registry_->Collect());
}

}  // namespace tollgate::telemetry
