// A database, brokers, a tenant with a source, and the services that work on them.
#pragma once

#include "integration/tollgate/shell.hpp"
#include "pod.hpp"
#include "support/kafka_broker.hpp"

namespace tollgate::test {

struct Cluster {
    // With that bus, as `tollgate migrate --bus kafka` leaves it.
    explicit Cluster(const std::string& bus = "kafka");

    // What a pod of any service is told, by k8s and by whoever installs it.
    ChildProcess::Environment settings() const;
    // With the login that the job tollgate-migrate of k8s leaves it: that of its service alone.
    ChildProcess::Environment settings(const std::string& service) const;
    Pod start(const std::string& service) const { return Pod{service, settings(service)}; }
    std::int64_t number(const std::string& sql) const;

    Shell shell;
    KafkaBroker broker;
    std::string topic_prefix;
    bool has_brokers;
};

}  // namespace tollgate::test
