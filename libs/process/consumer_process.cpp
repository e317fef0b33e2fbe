#include "process/consumer_process.hpp"

#include <utility>

#include "journal/announcer.hpp"
#include "process/consumer_service.hpp"

namespace tollgate::process {

namespace {

constexpr std::chrono::milliseconds hint_at_most_every{1};

// Nobody but readiness asks with it: k8s/README.md reckons with so many.
constexpr std::size_t readiness_connections_max = 2;

struct Config {
    ProcessConfig process;
    DatabaseConfig database;
    KafkaConfig kafka;
    ConsumerConfig consumer;
};

Result<std::unique_ptr<consumer::Handler>> make_handler(const ConsumerProcess& what,
                                                        const postgres::ConnectionSettings& connection,
                                                        telemetry::Metrics& metrics) {
    if (what.equip) return what.equip(connection, metrics);
    return what.make_handler();
}

Exit run(const ConsumerProcess& what, const Config& config) {
    const std::string program = "tollgate-" + what.name;
    const std::string role = "tollgate_" + what.name;
    const auto connection = [&](const char* use) {
        return config.database.connection(fmt::format("tollgate {}{}", what.name, use), role);
    };
    if (!config.kafka.brokers.empty()) {
        // A mistake that no database has to be waited for to tell of.
        if (const auto client = config.kafka.client(program); !client) return report(program, client.error());
    }
    Process process{config.process};
    const SystemClock clock;
    postgres::Pool database{{.connection = connection(""), .connections_max = readiness_connections_max}};
    if (const auto end = await_database(process, database, what.schemas)) return *end;
    const auto bus =
        ask_when_reached(process, [&] { return consumer::require_bus(database, bus_of(config.kafka)); });
    if (!bus) return report(program, bus.error());
    process.health().ready_when("database", [&] { return check_writable(database, clock); });
    // What follows from an effect, a dead letter too, is in the journal by then.
    journal::Announcer announcer{connection(" hint"), hint_at_most_every};
    const auto handler = make_handler(what, connection(" look-ups"), process.metrics());
    if (!handler) return report(program, handler.error());
    const auto service = ConsumerService::start({.registration = {.name = what.name, .input = what.input},
                                                 .role = role,
                                                 .committed = [&announcer] { announcer.announce(); }},
                                                **handler, config.consumer, config.database, config.kafka,
                                                make_uuid_v4(), process);
    if (!service) return report(program, service.error());
    (*service)->be_ready_with_group(process);
    return process.run();
}

}  // namespace

Command consumer_command(ConsumerProcess what) {
    return {.words = "",
            .summary = what.summary,
            .details = what.details,
            .prepare = [what = std::move(what)](Settings& settings) -> std::function<Exit()> {
                auto config = std::make_shared<Config>(
                    Config{.process = {.service = what.name, .probes_port = what.probes_port}});
                config->process.declare(settings);
                config->database.declare(settings);
                config->kafka.declare(settings);
                config->consumer.declare(settings);
                if (what.declare) what.declare(settings);
                return [what, config] { return run(what, *config); };
            }};
}

}  // namespace tollgate::process
