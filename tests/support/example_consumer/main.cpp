// What it takes to write a consumer: test-example-consumer counts the events of each tenant. Its table and
// its role are in count.sql.
#include <array>
#include <memory>

#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "journal/schema.hpp"
#include "process/command_line.hpp"
#include "process/consumer_service.hpp"
#include "tenants/schema.hpp"

namespace tollgate {

namespace {

class Counting final : public consumer::Handler {
    std::vector<consumer::Outcome> apply(postgres::Transaction& tx,
                                         std::span<const consumer::Task> batch) override {
        for (const consumer::Task& task : batch) {
            tx.execute(
                "insert into example.count (tenant, events) values ($1, 1) "
                "on conflict (tenant) do update set events = count.events + 1",
                task.message->tenant);
        }
        return std::vector<consumer::Outcome>(batch.size(), consumer::Done{});
    }
};

struct Config {
    process::ProcessConfig process{.service = "example"};
    process::DatabaseConfig database;
    process::KafkaConfig kafka;
    process::ConsumerConfig consumer;
};

process::Exit run(const Config& config) {
    process::Process process{config.process};
    const std::array schemas{&postgres::schema(), &archive::schema(), &journal::schema(), &tenants::schema(),
                             &consumer::schema()};
    postgres::Pool database{{.connection = config.database.connection("example", "tollgate_example")}};
    if (const auto end = process::await_database(process, database, schemas)) return *end;
    if (const auto bus = consumer::require_bus(database, process::bus_of(config.kafka)); !bus)
        return process::report("example", bus.error());
    Counting handler;
    const auto service = process::ConsumerService::start(
        {.registration = {.name = "example", .input = "raw"}, .role = "tollgate_example"}, handler,
        config.consumer, config.database, config.kafka, make_uuid_v4(), process);
    if (!service) return process::report("example", service.error());
    return process.run();
}

process::Command command() {
    return {.words = "",
            .summary = "Count the events of each tenant.",
            .details = "",
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
    return tollgate::process::run_command_line("test-example-consumer", commands, argc, argv);
}
