#include "relay/service.hpp"

#include <algorithm>
#include <utility>

#include "core/backoff.hpp"
#include "core/pause.hpp"
#include "journal/published.hpp"
#include "telemetry/log.hpp"

namespace tollgate::relay {

namespace log = telemetry::log;
using postgres::Connection;

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds stand_by_pause{100};
constexpr std::chrono::seconds topics_deadline{10};
constexpr std::chrono::seconds topics_pause{5};
constexpr std::chrono::seconds look_at_brokers_every{1};
constexpr std::chrono::seconds silence_told{10};
// A batch takes a tenth of a second. What takes so long is a line on which nobody answers any more.
constexpr std::chrono::milliseconds statement_timeout_most{10'000};
// Longer than a statement may take, and than asking the brokers for topics does.
constexpr std::chrono::minutes silence_max{2};
constexpr Backoff after_failure{.base = std::chrono::milliseconds{100}, .cap = std::chrono::seconds{5}};

postgres::ConnectionSettings reading(const process::DatabaseConfig& database) {
    auto connection = database.connection("tollgate relay reader", "tollgate_relay");
    connection.statement_timeout = std::min(connection.statement_timeout, statement_timeout_most);
    connection.finds_by_index = true;
    return connection;
}

postgres::ConnectionSettings leasing(const process::DatabaseConfig& database) {
    return database.connection("tollgate relay lease", "tollgate_relay");
}

}  // namespace

Result<std::unique_ptr<Service>> Service::start(const Config& config, const process::KafkaConfig& kafka,
                                                const process::DatabaseConfig& database, const Uuid& holder,
                                                process::Process& process) {
    const auto producing = config.producer(kafka);
    if (!producing) return std::unexpected{producing.error()};
    auto producer = kafka::Producer::create(*producing);
    if (!producer) return std::unexpected{producer.error()};
    auto admin = kafka::Admin::create(producing->client);
    if (!admin) return std::unexpected{admin.error()};
    std::unique_ptr<Service> service{
        new Service{config, kafka, database, std::move(*producer), std::move(*admin), holder, process}};
    process.health().ready_when("relay", [started = service.get()] { return started->check(); });
    return service;
}

Service::Service(const Config& config, const process::KafkaConfig& kafka,
                 const process::DatabaseConfig& database, kafka::Producer producer, kafka::Admin admin,
                 const Uuid& holder, process::Process& process)
    : config_{config},
      topic_prefix_{kafka.topic_prefix},
      topic_rules_{config.topics(kafka)},
      connection_settings_{reading(database)},
      metrics_{process.metrics()},
      heartbeat_{process.health().alive_while("relay", silence_max)},
      producer_{std::move(producer)},
      admin_{std::move(admin)},
      trouble_{Error{ErrorCode::unavailable, "the topics were not looked at yet"}},
      lease_{leasing(database), {.name = reader_name}, holder},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Service::~Service() {
    thread_.request_stop();
    thread_.join();
}

Result<void> Service::check() const {
    const std::lock_guard lock{mutex_};
    if (trouble_) return std::unexpected{*trouble_};
    return {};
}

void Service::run(const std::stop_token& stop) {
    prepare_topics(stop);
    std::uint32_t failures = 0;
    while (!stop.stop_requested()) {
        heartbeat_.beat();
        const auto epoch = lease_.epoch();
        if (!epoch) {
            tell_no_trouble();
            pause(stand_by_pause, stop);
            continue;
        }
        const kafka::Sequence before = sequence_;
        const auto produced = produce(*epoch, stop);
        metrics_.producing.Set(0);
        if (produced || produced.error().code == ErrorCode::refused) continue;
        tell_trouble(produced.error());
        // Perhaps for a topic that is not there.
        if (produced.error().code == ErrorCode::misconfigured) {
            if (const auto looked = look_at_topics(); !looked) tell_trouble(looked.error());
        }
        failures = sequence_ > before ? 1 : failures + 1;
        const auto ceiling = after_failure.ceiling(failures);
        pause(ceiling / 2 + after_failure.delay(failures) / 2, stop);
    }
}

void Service::prepare_topics(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        heartbeat_.beat();
        const auto prepared = look_at_topics();
        if (prepared) {
            tell_no_trouble();
            return;
        }
        tell_trouble(prepared.error());
        pause(topics_pause, stop);
    }
}

// With those of the consumers that were registered meanwhile.
Result<void> Service::look_at_topics() {
    auto connection = Connection::open(connection_settings_);
    if (!connection) return std::unexpected{connection.error()};
    const auto named = postgres::transact(*connection, [&](postgres::Transaction& tx) {
        for (const auto row : tx.execute("select name from consumer.consumer"))
            topic_rules_.consumers.insert(row.get<std::string>(0));
    });
    if (!named) return named;
    const auto weak = relay::prepare_topics(admin_, topic_rules_, topics_deadline);
    if (!weak) return std::unexpected{weak.error()};
    metrics_.topics_weak.Set(static_cast<double>(*weak));
    return {};
}

// From taking the reader until the lease is lost, something fails, or the end.
Result<void> Service::produce(std::int64_t epoch, const std::stop_token& stop) {
    auto connection = Connection::open(connection_settings_);
    if (!connection) return std::unexpected{connection.error()};
    const journal::ReaderIdentity identity{.name = reader_name, .holder = lease_.holder(), .epoch = epoch};
    auto reader = journal::Reader::take(*connection, identity);
    if (!reader && reader.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::misconfigured,
                    "the journal has no reader \"{}\": the bus is not Kafka any more, or `tollgate reader "
                    "retire` took it; `tollgate bus kafka` registers it",
                    reader_name);
    }
    if (!reader) return std::unexpected{reader.error()};
    const auto counts = postgres::transact(*connection, journal::begin_counting_published);
    if (!counts) return counts;
    log::info("the relay produces", {{"epoch", epoch}});
    metrics_.producing.Set(1);
    ReadAhead read_ahead{*connection, *reader, identity, config_.reading(), sequence_, metrics_};
    Sender sender{producer_, read_ahead, topic_prefix_, sequence_, metrics_};
    const auto outcome = produce_on(sender, epoch, stop);
    // Before anything that waits, so that nothing of ours comes any more where somebody else has taken over.
    if (const auto restarted = producer_.restart(); !restarted) return restarted;
    metrics_.under_way.Set(0);
    if (lease_.epoch() != epoch) return outcome;
    const auto finished = read_ahead.finish();
    sequence_ = read_ahead.saved_sequence();
    return outcome ? finished : outcome;
}

Result<void> Service::produce_on(Sender& sender, std::int64_t epoch, const std::stop_token& stop) {
    look_at_ = steady_clock::now() + look_at_brokers_every;
    while (lease_.epoch() == epoch) {
        if (stop.stop_requested()) return sender.drain(config_.flush_max);
        heartbeat_.beat();
        if (const auto stepped = sender.step(); !stepped) return stepped;
        if (steady_clock::now() >= look_at_) look_at_brokers(sender.silence());
    }
    log::warning("the relay has lost its lease, and stands by", {{"epoch", epoch}});
    return {};
}

// librdkafka waits through such trouble without end, so nothing else tells of it.
void Service::look_at_brokers(std::chrono::milliseconds silence) {
    look_at_ = steady_clock::now() + look_at_brokers_every;
    const kafka::ProducerStatistics statistics = producer_.statistics();
    if (!statistics.trouble.empty()) {
        tell_trouble({ErrorCode::unavailable, statistics.trouble});
    } else if (silence > silence_told) {
        tell_trouble({ErrorCode::unavailable, "the brokers acknowledge nothing of what is sent"});
    } else if (silence < look_at_brokers_every) {
        tell_no_trouble();
    }
}

void Service::tell_trouble(const Error& error) {
    metrics_.blocked.Set(1);
    const std::lock_guard lock{mutex_};
    if (trouble_ && trouble_->text() == error.text()) return;
    trouble_ = error;
    if (error.code == ErrorCode::misconfigured) {
        log::error("the relay waits until this is mended: nothing goes to Kafka", {{"error", error}});
    } else {
        log::warning("the relay waits for a moment", {{"error", error}});
    }
}

void Service::tell_no_trouble() {
    metrics_.blocked.Set(0);
    const std::lock_guard lock{mutex_};
    if (!std::exchange(trouble_, std::nullopt)) return;
    log::info("the relay can produce");
}

}  // namespace tollgate::relay
