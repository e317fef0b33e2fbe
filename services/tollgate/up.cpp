// `tollgate up`: the whole product in one process.
#include <memory>

#include "consumer/bus.hpp"
#include "core/uuid.hpp"
#include "delivery/service.hpp"
#include "ingress/service.hpp"
#include "journal/keeper.hpp"
#include "journal/watch.hpp"
#include "postgres/pool.hpp"
#include "process/database_check.hpp"
#include "process/journal_config.hpp"
#include "process/process.hpp"
#include "process/seal_config.hpp"
#include "relay/service.hpp"
#include "tollgate/bus_at_start.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/consumers.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate {

namespace {

struct UpConfig {
    process::ProcessConfig process{.service = "up", .probes_port = 9100};
    process::DatabaseConfig database;
    process::JournalConfig journal;
    process::SealConfig seal;
    process::KafkaConfig kafka;
    process::ConsumerConfig consumer;
    enrichment::Config enrichment;
    delivery::ServiceConfig delivery;
    ingress::Config ingress;
    BusChoice bus;
    relay::Config relay;
};

// Only where brokers are configured: elsewhere Postgres alone carries the events.
Result<std::unique_ptr<relay::Service>> start_relay(const UpConfig& config, const Uuid& holder,
                                                    process::Process& process) {
    if (config.kafka.brokers.empty()) return nullptr;
    relay::Config relay = config.relay;
    relay.horizon_days = config.ingress.retention.horizon_days;
    return relay::Service::start(relay, config.kafka, config.database, holder, process);
}

process::Exit up(const UpConfig& config) {
    const auto keys = config.seal.load();
    if (!keys) return process::report("tollgate up", keys.error());
    if (const auto fits = config.bus.fits(config.kafka); !fits)
        return process::report("tollgate up", fits.error());
    process::Process process{config.process};
    const SystemClock clock;
    const Uuid holder = make_uuid_v4();

    postgres::Pool database{{.connection = config.database.connection("tollgate up", "tollgate_ingress")}};
    if (const auto end = process::await_database(process, database, all_schemas())) return *end;
    if (const auto end = settle_bus(process, database, config.database, config.bus)) return *end;
    const auto bus = process::ask_when_reached(
        process, [&] { return consumer::require_bus(database, process::bus_of(config.kafka)); });
    if (!bus) return process::report("tollgate up", bus.error());

    const postgres::ConnectionSettings journal =
        config.database.connection("tollgate up journal", "tollgate_ingress");
    const journal::Watch watch{journal, config.journal.watch(config.database), process.metrics()};
    const journal::Keeper keeper{journal, config.journal.keeper(), holder, process.metrics()};

    process.health().ready_when("database", [&] { return process::check_writable(database, clock); });
    // Stopped after ingress, so that what that has taken in last goes on its way.
    const auto relay = start_relay(config, holder, process);
    if (!relay) return process::report("tollgate up", relay.error());
    enrichment::Config of_enrichment = config.enrichment;
    of_enrichment.seal = config.seal;
    const auto sending = delivery::Service::start(config.delivery, config.database, *keys, process);
    if (!sending) return process::report("tollgate up", sending.error());
    const auto consumers = Consumers::start(config.consumer, of_enrichment, config.database, config.kafka,
                                            holder, process, **sending);
    if (!consumers) return process::report("tollgate up", consumers.error());
    const auto ingress =
        ingress::Service::start(config.ingress, config.database, *keys, watch, holder, process);
    if (!ingress) return process::report("tollgate up", ingress.error());
    return process.run();
}

}  // namespace

process::Command up_command() {
    return {
        .words = "up",
        .summary = "Run all of Tollgate in this process, until SIGTERM or Ctrl-C.",
        .details =
            "Needs a migrated database (tollgate migrate) and the keys that secrets are sealed with, "
            "nothing\n"
            "else; with kafka.brokers set, and bus.use=kafka, events go on by way of Kafka. Webhooks come\n"
            "in at http.port, and are enriched, booked and told of here; its state is told at\n"
            "probes.port: /healthz/live, /healthz/ready, /metrics.\n\n"
            "  TOLLGATE_DATABASE_URL_FILE=tollgate.url TOLLGATE_SEAL_KEYS_FILE=seal.keys tollgate up",
        .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
            auto config = std::make_shared<UpConfig>();
            config->process.declare(settings);
            config->database.declare(settings);
            config->journal.declare(settings);
            config->seal.declare(settings);
            config->kafka.declare(settings);
            config->consumer.declare(settings);
            config->enrichment.declare(settings);
            config->delivery.declare(settings);
            config->ingress.declare(settings);
            config->bus.declare(settings);
            config->relay.declare(settings);
            return [config] { return up(*config); };
        }};
}

}  // namespace tollgate
