#include "process/consumer_service.hpp"

#include <algorithm>

#include "consumer/bus.hpp"
#include "consumer/journal_subscription.hpp"
#include "consumer/kafka_subscription.hpp"
#include "process/version.hpp"

namespace tollgate::process {

namespace {

// It beats before each try, and a handler that takes longer than its deadline ends the process.
constexpr std::chrono::minutes silence_max{2};
constexpr std::chrono::seconds brokers_answer_within{2};
// To join a group takes seconds, and longer while one that was killed is still waited for.
constexpr std::chrono::seconds group_settles_within{30};

Result<Uuid> register_as(const ConsumerOf& what, const postgres::ConnectionSettings& settings) {
    auto connection = postgres::Connection::open(settings);
    if (!connection) return std::unexpected{connection.error()};
    return consumer::register_consumer(*connection, what.registration);
}

// Whether the bus is the one that this process was made for.
Result<void> is_still_bus(const postgres::ConnectionSettings& settings, consumer::Bus mine) {
    auto connection = postgres::Connection::open(settings);
    if (!connection) return std::unexpected{connection.error()};
    const auto state =
        postgres::transact(*connection, [](postgres::Transaction& tx) { return consumer::read_bus(tx); });
    if (!state) return std::unexpected{state.error()};
    if (state->bus == mine) return {};
    return fail(ErrorCode::misconfigured, "the bus was turned to {}, and this process reads from {}",
                consumer::name(state->bus), consumer::name(mine));
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
    // A server that is silent is told by our own timeouts, before the handler is taken to hang.
    connection.finds_by_index = true;
    connection.statement_timeout = std::min(connection.statement_timeout, config.handler_deadline / 2);
    const auto since = ask_when_reached(process, [&] { return register_as(what, connection); });
    if (!since) return std::unexpected{since.error().within(fmt::format("register consumer {}", name))};
    std::unique_ptr<ConsumerService> service{new ConsumerService{what, process}};
    auto subscription = service->subscribe(what, config, connection, kafka, holder);
    if (!subscription) return std::unexpected{subscription.error()};
    service->tell_of_brokers(name, process);
    Heartbeat& heartbeat = process.health().alive_while(name, silence_max);
    service->runtime_ = std::make_unique<consumer::Runtime>(
        consumer::RuntimeSettings{
            .consumer = name,
            .build = std::string{version()},
            .connection = connection,
            .batch_messages_max = config.batch_messages_max,
            .handler_deadline = config.handler_deadline,
            .retries = {.backoff = {.base = config.retry_base, .cap = config.retry_cap},
                        .age_max = config.retry_age_max},
            .committed = what.committed,
            .alive = [&heartbeat] { heartbeat.beat(); },
            .still_right = [connection, mine = bus_of(kafka)] { return is_still_bus(connection, mine); }},
        std::move(*subscription), handler, *since, service->metrics_);
    service->thread_ =
        std::jthread{[&process, runtime = service->runtime_.get()](const std::stop_token& stop) {
            try {
                if (const auto ran = runtime->run(stop); !ran) process.fail_with(ran.error());
            } catch (const std::exception& exception) {
                process.fail_with({ErrorCode::internal, exception.what()});
            }
        }};
    return service;
}

ConsumerService::ConsumerService(const ConsumerOf& what, Process& process)
    : metrics_{process.metrics(), what.registration.name} {}

ConsumerService::~ConsumerService() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

// A consumer waits for brokers without end; only readiness tells that it does.
void ConsumerService::tell_of_brokers(const std::string& name, Process& process) {
    if (!brokers_) return;
    process.health().ready_when(name + " brokers", [this]() -> Result<void> {
        const auto cluster = brokers_->cluster(brokers_answer_within);
        brokers_answer_ = cluster.has_value();
        if (!cluster) return std::unexpected{cluster.error()};
        return {};
    });
}

void ConsumerService::be_ready_with_group(Process& process) const {
    if (member_ == nullptr) return;
    process.health().ready_when(
        "group",
        [this]() -> Result<void> {
            // Where brokers are away there is no group, and the check of those tells it.
            if (member_->is_assigned() || !brokers_answer_) return {};
            return fail(ErrorCode::unavailable,
                        "its group has not told it yet which partitions are its own: is the topic there, and "
                        "may it read it and be of the group?");
        },
        group_settles_within);
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
    auto brokers = kafka::Admin::create(*client);
    if (!brokers) return std::unexpected{brokers.error()};
    brokers_ = std::move(*brokers);
    // Installations that share a cluster differ in the prefix of their topics.
    const bool has_own_prefix = kafka.topic_prefix != KafkaConfig{}.topic_prefix;
    const std::string group = has_own_prefix ? kafka.topic_prefix + name : name;
    auto positions = consumer::StoredPositions::create(*client, group, name, holder, metrics_);
    if (!positions) return std::unexpected{positions.error()};
    positions_ = std::move(*positions);
    auto made = consumer::KafkaSubscription::create({.group = {.client = *client,
                                                               .group = group,
                                                               .topics = {input},
                                                               .session_timeout = config.session_timeout},
                                                     .topic_prefix = kafka.topic_prefix,
                                                     .connection = connection,
                                                     .batch_bytes_max = config.batch_bytes_max.bytes},
                                                    *positions_);
    if (!made) return std::unexpected{made.error()};
    member_ = made->get();
    return std::unique_ptr<consumer::Subscription>{std::move(*made)};
}

}  // namespace tollgate::process
