// tollgate-billing: makes of each raw event the payment event that all others read.
#include <array>
#include <memory>

#include "archive/schema.hpp"
#include "billing/handler.hpp"
#include "billing/schema.hpp"
#include "consumer/schema.hpp"
#include "journal/announcer.hpp"
#include "journal/schema.hpp"
#include "process/command_line.hpp"
#include "process/consumer_service.hpp"
#include "tenants/schema.hpp"

namespace tollgate {

namespace {

constexpr const char* role = "tollgate_billing";
constexpr std::chrono::milliseconds hint_at_most_every{1};

struct Config {
    process::ProcessConfig process{.service = "billing", .probes_port = 9104};
    process::DatabaseConfig database;
    process::KafkaConfig kafka;
    process::ConsumerConfig consumer;
};

postgres::Schemas used_schemas() {
    static const std::array schemas{&postgres::schema(), &archive::schema(),  &journal::schema(),
                                    &tenants::schema(),  &consumer::schema(), &billing::schema()};
    return schemas;
}

process::Exit run(const Config& config) {
    process::Process process{config.process};
    const SystemClock clock;
    postgres::Pool database{{.connection = config.database.connection("tollgate billing", role)}};
    if (const auto end = process::await_database(process, database, used_schemas())) return *end;
    if (const auto bus = consumer::require_bus(database, process::bus_of(config.kafka)); !bus)
        return process::report("tollgate-billing", bus.error());
    process.health().ready_when("database", [&] { return process::check_writable(database, clock); });
    journal::Announcer announcer{config.database.connection("tollgate billing hint", role),
                                 hint_at_most_every};
    billing::BillingHandler handler;
    const auto service = process::ConsumerService::start(
        {.registration = {.name = "billing", .input = "payment"},
         .role = role,
         .committed = [&announcer] { announcer.announce(); }},
        handler, config.consumer, config.database, config.kafka, make_uuid_v4(), process);
    if (!service) return process::report("tollgate-billing", service.error());
    return process.run();
}

process::Command command() {
    return {.words = "",
            .summary = "Keep payments, subscriptions and the ledger.",
            .details =
                "Needs a migrated database, and brokers if its bus is Kafka.\n\n"
                "  TOLLGATE_DATABASE_URL_FILE=tollgate.url tollgate-billing",
            .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
                auto config = std::make_shared<Config>();
                config->process.declare(settings);
                config->database.declare(settings);
                config->kafka.declare(settings);
                config->consumer.declare(settings);
                return [config] { return run(*config); };
            }};
}

}  // namespace

}  // namespace tollgate

int main(int argc, char** argv) {
    const std::array commands{tollgate::command()};
    return tollgate::process::run_command_line("tollgate-billing", commands, argc, argv);
}
