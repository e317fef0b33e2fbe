// tollgate-relay: puts what the journal holds on Kafka's topics.
#include <array>
#include <memory>

#include "archive/schema.hpp"
#include "consumer/bus.hpp"
#include "consumer/schema.hpp"
#include "journal/keeper.hpp"
#include "journal/schema.hpp"
#include "journal/watch.hpp"
#include "postgres/pool.hpp"
#include "process/command_line.hpp"
#include "process/journal_config.hpp"
#include "relay/service.hpp"
#include "tenants/schema.hpp"

namespace tollgate {

namespace {

// Nobody but readiness asks with it: k8s/README.md reckons with so many.
constexpr std::size_t readiness_connections_max = 2;

struct Config {
    process::ProcessConfig process{.service = "relay", .probes_port = 9102};
    process::DatabaseConfig database;
    process::JournalConfig journal;
    process::KafkaConfig kafka;
    relay::Config relay;
};

postgres::Schemas used_schemas() {
    static const std::array schemas{&postgres::schema(), &archive::schema(), &tenants::schema(),
                                    &journal::schema(), &consumer::schema()};
    return schemas;
}

// Only what an operator has to mend keeps it from starting: a server that is away just now is waited for.
Result<void> check_bus(postgres::Pool& database) {
    auto bus = consumer::require_bus(database, consumer::Bus::kafka);
    return bus || bus.error().code != ErrorCode::misconfigured ? Result<void>{} : bus;
}

// Mistakes that no database has to be waited for to tell of.
Result<void> check_brokers(const Config& config) {
    if (config.kafka.brokers.empty()) {
        return fail(ErrorCode::misconfigured,
                    "kafka.brokers is not set: say in TOLLGATE_KAFKA_BROKERS where the cluster is");
    }
    const auto producer = config.relay.producer(config.kafka);
    return producer ? Result<void>{} : std::unexpected{producer.error()};
}

process::Exit run(const Config& config) {
    if (const auto checked = check_brokers(config); !checked)
        return process::report("tollgate-relay", checked.error());
    process::Process process{config.process};
    const SystemClock clock;
    const Uuid holder = make_uuid_v4();
    postgres::Pool database{{.connection = config.database.connection("tollgate relay", "tollgate_relay"),
                             .connections_max = readiness_connections_max}};
    if (const auto end = process::await_database(process, database, used_schemas())) return *end;
    if (const auto bus = check_bus(database); !bus) return process::report("tollgate-relay", bus.error());
    const postgres::ConnectionSettings journal =
        config.database.connection("tollgate relay journal", "tollgate_relay");
    const journal::Watch watch{journal, config.journal.watch(config.database), process.metrics()};
    const journal::Keeper keeper{journal, config.journal.keeper(), holder, process.metrics()};
    process.health().ready_when("database", [&] { return process::check_writable(database, clock); });
    const auto service = relay::Service::start(config.relay, config.kafka, config.database, holder, process);
    if (!service) return process::report("tollgate-relay", service.error());
    return process.run();
}

process::Command command() {
    return {
        .words = "",
        .summary = "Put what the journal holds on Kafka's topics; one does, the others stand by.",
        .details =
            "Needs a migrated database whose bus is Kafka (tollgate bus kafka), and a cluster. Topics that\n"
            "are not there are made.\n\n"
            "  TOLLGATE_DATABASE_URL_FILE=tollgate.url TOLLGATE_KAFKA_BROKERS=kafka:9092 tollgate-relay",
        .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
            auto config = std::make_shared<Config>();
            config->process.declare(settings);
            config->database.declare(settings);
            config->journal.declare(settings);
            config->kafka.declare(settings);
            config->relay.declare(settings);
            config->relay.declare_horizon(settings);
            return [config] { return run(*config); };
        }};
}

}  // namespace

}  // namespace tollgate

int main(int argc, char** argv) {
    const std::array commands{tollgate::command()};
    return tollgate::process::run_command_line("tollgate-relay", commands, argc, argv);
}
