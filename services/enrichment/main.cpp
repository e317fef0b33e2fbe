// tollgate-enrichment: makes of each raw event the payment event that all others read.
#include <array>
#include <memory>

#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "enrichment/config.hpp"
#include "enrichment/schema.hpp"
#include "journal/schema.hpp"
#include "process/consumer_process.hpp"
#include "tenants/schema.hpp"

int main(int argc, char** argv) {
    static const std::array schemas{&tollgate::postgres::schema(), &tollgate::archive::schema(),
                                    &tollgate::journal::schema(),  &tollgate::tenants::schema(),
                                    &tollgate::consumer::schema(), &tollgate::enrichment::schema()};
    const auto config = std::make_shared<tollgate::enrichment::Config>();
    const std::array commands{tollgate::process::consumer_command(
        {.name = "enrichment",
         .input = "raw",
         .probes_port = 9103,
         .summary = "Make payment events of what providers sent.",
         .details = "Needs a migrated database, and brokers if its bus is Kafka.\n\n"
                    "  TOLLGATE_DATABASE_URL_FILE=tollgate.url tollgate-enrichment",
         .schemas = schemas,
         .declare =
             [config](tollgate::process::Settings& settings) {
                 config->declare(settings);
                 config->seal.declare(settings);
             },
         .equip =
             [config](const tollgate::postgres::ConnectionSettings& connection,
                      tollgate::telemetry::Metrics& metrics) {
                 return tollgate::enrichment::make_handler(*config, connection, metrics);
             }})};
    return tollgate::process::run_command_line("tollgate-enrichment", commands, argc, argv);
}
