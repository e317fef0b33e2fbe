// The consumers that `tollgate up` has in its process: the same that run apart as programs of their own.
#pragma once

#include <memory>
#include <vector>

#include "consumer/handler.hpp"
#include "delivery/service.hpp"
#include "enrichment/config.hpp"
#include "journal/announcer.hpp"
#include "process/consumer_service.hpp"

namespace tollgate {

class Consumers {
public:
    // The database was checked. They read the bus that the brokers say. The sender is told what delivery
    // plans.
    static Result<std::unique_ptr<Consumers>> start(const process::ConsumerConfig& config,
                                                    const enrichment::Config& of_enrichment,
                                                    const process::DatabaseConfig& database,
                                                    const process::KafkaConfig& kafka, const Uuid& holder,
                                                    process::Process& process, delivery::Service& sending);

private:
    explicit Consumers(const process::DatabaseConfig& database);

    // What follows from an effect is in the journal by then.
    journal::Announcer announcer_;
    std::vector<std::unique_ptr<consumer::Handler>> handlers_;
    std::vector<std::unique_ptr<process::ConsumerService>> services_;  // last: they use the above
};

}  // namespace tollgate
