// The relay: puts what the journal holds on Kafka's topics. One process does it at a time, by the lease
// "relay"; the others stand by.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "core/uuid.hpp"
#include "kafka/admin.hpp"
#include "kafka/producer.hpp"
#include "postgres/connection.hpp"
#include "postgres/lease.hpp"
#include "process/database_check.hpp"
#include "process/process.hpp"
#include "relay/config.hpp"
#include "relay/relay_metrics.hpp"
#include "relay/sender.hpp"

namespace tollgate::relay {

// As the journal knows it. Registered by who turns the bus to Kafka, so that nothing is passed over.
inline constexpr const char* reader_name = "relay";

class Service {
public:
    // Runs when it returns; brokers that are away are waited for.
    static Result<std::unique_ptr<Service>> start(const Config& config, const process::KafkaConfig& kafka,
                                                  const process::DatabaseConfig& database, const Uuid& holder,
                                                  process::Process& process);
    // Waits for acknowledgements of what is under way, saves the position, and lets the next one take over.
    ~Service();
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    // For readiness: an error while it could not produce if it had to.
    Result<void> check() const;

private:
    Service(const Config& config, const process::KafkaConfig& kafka, const process::DatabaseConfig& database,
            kafka::Producer producer, kafka::Admin admin, const Uuid& holder, process::Process& process);

    void run(const std::stop_token& stop);
    void prepare_topics(const std::stop_token& stop);
    Result<void> look_at_topics();
    Result<void> produce(std::int64_t epoch, const std::stop_token& stop);
    Result<void> produce_on(Sender& sender, std::int64_t epoch, const std::stop_token& stop);
    void look_at_brokers(std::chrono::milliseconds silence);
    void tell_trouble(const Error& error);
    void tell_no_trouble();

    const Config config_;
    const std::string topic_prefix_;
    TopicRules topic_rules_;
    const postgres::ConnectionSettings connection_settings_;
    RelayMetrics metrics_;
    process::Heartbeat& heartbeat_;
    kafka::Producer producer_;
    kafka::Admin admin_;
    kafka::Sequence sequence_ = 0;  // of the last record whose position is saved
    std::chrono::steady_clock::time_point look_at_;

    mutable std::mutex mutex_;
    std::optional<Error> trouble_;

    postgres::Lease lease_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::relay
