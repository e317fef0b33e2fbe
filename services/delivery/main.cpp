// tollgate-delivery: plans messages by the rules of tenants, and sends them.
#include <array>
#include <memory>

#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "delivery/handler.hpp"
#include "delivery/schema.hpp"
#include "delivery/service.hpp"
#include "journal/schema.hpp"
#include "process/consumer_service.hpp"
#include "process/seal_config.hpp"
#include "tenants/schema.hpp"

namespace tollgate {

namespace {

// Nobody but readiness asks with it: k8s/README.md reckons with so many.
constexpr std::size_t readiness_connections_max = 2;

constexpr const char* program = "tollgate-delivery";
constexpr const char* role = "tollgate_delivery";

struct Config {
    process::ProcessConfig process{.service = "delivery", .probes_port = 9105};
    process::DatabaseConfig database;
    process::KafkaConfig kafka;
    process::ConsumerConfig consumer;
    process::SealConfig seal;
    delivery::ServiceConfig delivery;
};

postgres::Schemas schemas() {
    static const std::array all{&postgres::schema(), &archive::schema(),  &journal::schema(),
                                &tenants::schema(),  &consumer::schema(), &delivery::schema()};
    return all;
}

process::Exit run(const Config& config) {
    const auto keys = config.seal.load();
    if (!keys) return process::report(program, keys.error());
    process::Process process{config.process};
    const SystemClock clock;
    postgres::Pool database{{.connection = config.database.connection("tollgate delivery", role),
                             .connections_max = readiness_connections_max}};
    if (const auto end = process::await_database(process, database, schemas())) return *end;
    const auto bus = process::ask_when_reached(
        process, [&] { return consumer::require_bus(database, process::bus_of(config.kafka)); });
    if (!bus) return process::report(program, bus.error());
    process.health().ready_when("database", [&] { return process::check_writable(database, clock); });

    const auto sending = delivery::Service::start(config.delivery, config.database, *keys, process);
    if (!sending) return process::report(program, sending.error());
    delivery::PlanHandler plan{[&](auto due) { (*sending)->expect(due); }};
    // What it appends are dead letters alone, which wait for the next tick.
    const auto planning = process::ConsumerService::start(
        {.registration = {.name = "delivery", .input = "payment"}, .role = role}, plan, config.consumer,
        config.database, config.kafka, make_uuid_v4(), process);
    if (!planning) return process::report(program, planning.error());
    (*planning)->be_ready_with_group(process);
    return process.run();
}

int run_program(int argc, char** argv) {
    const std::array commands{process::Command{
        .words = "",
        .summary = "Tell people of payment events.",
        .details =
            "Needs a migrated database, the keys that secrets are sealed with, and brokers if its bus is\n"
            "Kafka.\n\n"
            "  TOLLGATE_DATABASE_URL_FILE=tollgate.url TOLLGATE_SEAL_KEYS_FILE=seal.keys tollgate-delivery",
        .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
            auto config = std::make_shared<Config>();
            config->process.declare(settings);
            config->database.declare(settings);
            config->kafka.declare(settings);
            config->consumer.declare(settings);
            config->seal.declare(settings);
            config->delivery.declare(settings);
            return [config] { return run(*config); };
        }}};
    return process::run_command_line(program, commands, argc, argv);
}

}  // namespace

}  // namespace tollgate

int main(int argc, char** argv) {
    return tollgate::run_program(argc, argv);
}
