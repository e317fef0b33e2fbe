#include "process/consumer_service.hpp"

#include <algorithm>

#include "consumer/bus.hpp"
#include "consumer/journal_subscription.hpp"
#include "consumer/kafka_subscription.hpp"
#include "process/version.hpp"

namespace tollgate::process {

namespace {

// Longer than a batch may take, by the most that anybody sets.
constexpr std::chrono::minutes silence_max{5};

Result<Uuid> register_as(const ConsumerOf& what, const postgres::ConnectionSettings& settings) {
    auto connection = postgres::Connection::open(settings);
    if (!connection) return std::unexpected{connection.error()};
    return consumer::register_consumer(*connection, what.registration);
}

}  // namespace

void ConsumerConfig::declare(Settings& settings) {
    constexpr std::size_t most = 10'000;
    settings.add("consumer.batch_messages_max", batch_messages_max, "in one transaction", std::size_t{1},
                 most);
    settings.add("consumer.batch_bytes_max", batch_bytes_max, "of their data");
    settings.add("consumer.handler_deadline", handler_deadline,
                 "for a batch; a process that takes longer ends itself");
    settings.add("consumer.retry_base", retry_base,
                 "before the second attempt, at most; each later one doubles it");
    settings.add("consumer.retry_cap", retry_cap, "between two attempts, at most");
    settings.add("consumer.retry_age_max", retry_age_max, "from the first attempt to the last");
    settings.add("consumer.session_timeout", session_timeout,
                 "after which Kafka gives the partitions of a silent member to others");
}

consumer::Bus bus_of(const KafkaConfig& kafka) {
    return kafka.brokers.empty() ? consumer::Bus::journal : consumer::Bus::kafka;
}

Result<std::unique_ptr<ConsumerService>> ConsumerService::start(
    const ConsumerOf& what, consumer::Handler& handler, const ConsumerConfig& config,
    const DatabaseConfig& database, const KafkaConfig& kafka, const Uuid& holder, Process& process) {
    const std::string& name = what.registration.name;
    auto connection = database.connection("tollgate " + name, what.role);
    connection.statement_timeout = std::min(connection.statement_timeout, config.handler_deadline);
    const auto since = register_as(what, connection);
    if (!since) return std::unexpected{since.error().within(fmt::format("register consumer {}", name))};
    std::unique_ptr<ConsumerService> service{new ConsumerService{what, process}};
    auto subscription = service->subscribe(what, config, connection, kafka, holder);
    if (!subscription) return std::unexpected{subscription.error()};
    Heartbeat& heartbeat = process.health().alive_while(name, silence_max);
    service->runtime_ = std::make_unique<consumer::Runtime>(
        consumer::RuntimeSettings{.consumer = name,
                                  .build = std::string{version()},
                                  .connection = connection,
                                  .batch_messages_max = config.batch_messages_max,
                                  .handler_deadline = config.handler_deadline,
                                  .retries = {.backoff = {.base = config.retry_base, .cap = config.retry_cap},
                                              .age_max = config.retry_age_max},
                                  .committed = what.committed,
                                  .alive = [&heartbeat] { heartbeat.beat(); }},
        std::move(*subscription), handler, *since, service->metrics_);
    service->thread_ =
        std::jthread{[&process, runtime = service->runtime_.get()](const std::stop_token& stop) {
            if (const auto ran = runtime->run(stop); !ran) process.fail_with(ran.error());
        }};
    return service;
}

ConsumerService::ConsumerService(const ConsumerOf& what, Process& process)
    : metrics_{process.metrics(), what.registration.name} {}

ConsumerService::~ConsumerService() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

Result<std::unique_ptr<consumer::Subscription>> ConsumerService::subscribe(
    const ConsumerOf& what, const ConsumerConfig& config, const postgres::ConnectionSettings& connection,
    const KafkaConfig& kafka, const Uuid& holder) {
    const auto& [name, input, beginning] = what.registration;
    if (bus_of(kafka) == consumer::Bus::journal) {
        return std::make_unique<consumer::JournalSubscription>(
            consumer::JournalSettings{.consumer = name,
                                      .topics = {input},
                                      .connection = connection,
                                      .batch_bytes_max = config.batch_bytes_max.bytes},
            holder);
    }
    const auto client = kafka.client("tollgate-" + name);
    if (!client) return std::unexpected{client.error()};
    auto positions = consumer::StoredPositions::create(*client, name, holder, metrics_);
    if (!positions) return std::unexpected{positions.error()};
    positions_ = std::move(*positions);
    auto made = consumer::KafkaSubscription::create({.group = {.client = *client,
                                                               .group = name,
                                                               .topics = {input},
                                                               .session_timeout = config.session_timeout},
                                                     .topic_prefix = kafka.topic_prefix,
                                                     .connection = connection,
                                                     .batch_bytes_max = config.batch_bytes_max.bytes},
                                                    *positions_);
    if (!made) return std::unexpected{made.error()};
    return std::unique_ptr<consumer::Subscription>{std::move(*made)};
}

}  // namespace tollgate::process
