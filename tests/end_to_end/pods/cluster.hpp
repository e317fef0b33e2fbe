// A database, brokers, a tenant with a source, and the services that work on them.
#pragma once

#include "integration/tollgate/shell.hpp"
#include "pod.hpp"
#include "support/kafka_broker.hpp"

namespace tollgate::test {

struct Cluster {
    // With Kafka as the bus, as `tollgate migrate --bus kafka` leaves it.
    Cluster();

    // What a pod of any service is told.
    ChildProcess::Environment settings() const;
    Pod start(const std::string& service) const { return Pod{service, settings()}; }
    std::int64_t number(const std::string& sql) const;

    Shell shell;
    KafkaBroker broker;
    std::string topic_prefix;
};

}  // namespace tollgate::test
