// A consumer as part of a process: its settings [consumer], and all that runs it. Which bus it reads follows
// from whether the process has brokers.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "consumer/bus.hpp"
#include "consumer/registration.hpp"
#include "consumer/runtime.hpp"
#include "consumer/stored_positions.hpp"
#include "kafka/admin.hpp"
#include "process/database_check.hpp"
#include "process/kafka_config.hpp"
#include "process/process.hpp"

namespace tollgate::consumer {
class KafkaSubscription;
}

namespace tollgate::process {

struct ConsumerConfig {
    std::size_t batch_messages_max = 500;
    ByteSize batch_bytes_max{std::uint64_t{16} << 20U};
    std::chrono::milliseconds handler_deadline{std::chrono::seconds{20}};
    std::chrono::milliseconds retry_base{std::chrono::seconds{1}};
    std::chrono::milliseconds retry_cap{std::chrono::minutes{15}};
    std::chrono::milliseconds retry_age_max{std::chrono::hours{24}};
    std::chrono::milliseconds session_timeout{std::chrono::seconds{10}};  // of Kafka's group

    void declare(Settings& settings);
};

// What a process says of the consumer that it is, or of one of those.
struct ConsumerOf {
    consumer::Registration registration;
    std::string role;  // in Postgres: "tollgate_billing"
    // After a commit: its handler may have appended to the journal.
    std::function<void()> committed{};
};

class ConsumerService {
public:
    // Registers it and runs it. The database was checked; brokers that are away are waited for. The handler
    // must outlive it.
    static Result<std::unique_ptr<ConsumerService>> start(const ConsumerOf& what, consumer::Handler& handler,
                                                          const ConsumerConfig& config,
                                                          const DatabaseConfig& database,
                                                          const KafkaConfig& kafka, const Uuid& holder,
                                                          Process& process);
    // Ends what is under way, and lets the next one take over.
    ~ConsumerService();
    ConsumerService(const ConsumerService&) = delete;
    ConsumerService& operator=(const ConsumerService&) = delete;

    // For a process that is this consumer and nothing else: it is not ready, and a rollout does not go on,
    // before its group has told it what is its own to read. Others may be ready without.
    void be_ready_with_group(Process& process) const;

private:
    ConsumerService(const ConsumerOf& what, Process& process);

    Result<std::unique_ptr<consumer::Subscription>> subscribe(const ConsumerOf& what,
                                                              const ConsumerConfig& config,
                                                              const postgres::ConnectionSettings& connection,
                                                              const KafkaConfig& kafka, const Uuid& holder);

    void tell_of_brokers(const std::string& name, Process& process);

    consumer::RuntimeMetrics metrics_;
    // Of Kafka alone: whether brokers answer, and how far what was done goes.
    std::optional<kafka::Admin> brokers_;
    std::atomic<bool> brokers_answer_ = false;
    std::unique_ptr<consumer::StoredPositions> positions_;
    std::unique_ptr<consumer::Runtime> runtime_;
    const consumer::KafkaSubscription* member_ = nullptr;  // the runtime's
    std::jthread thread_;                                  // last: it uses all of the above
};

// As the brokers in the configuration say.
consumer::Bus bus_of(const KafkaConfig& kafka);

}  // namespace tollgate::process
