// tollgate-billing: keeps payments, subscriptions, invoices and the ledger.
#include <array>
#include <memory>

#include "archive/schema.hpp"
#include "billing/handler.hpp"
#include "billing/schema.hpp"
#include "consumer/schema.hpp"
#include "journal/schema.hpp"
#include "process/consumer_process.hpp"
#include "tenants/schema.hpp"

int main(int argc, char** argv) {
    static const std::array schemas{&tollgate::postgres::schema(), &tollgate::archive::schema(),
                                    &tollgate::journal::schema(),  &tollgate::tenants::schema(),
                                    &tollgate::consumer::schema(), &tollgate::billing::schema()};
    const std::array commands{tollgate::process::consumer_command(
        {.name = "billing",
         .input = "payment",
         .probes_port = 9104,
         .summary = "Keep payments, subscriptions and the ledger.",
         .details = "Needs a migrated database, and brokers if its bus is Kafka.\n\n"
                    "  TOLLGATE_DATABASE_URL_FILE=tollgate.url tollgate-billing",
         .schemas = schemas,
         .make_handler = [] { return std::make_unique<tollgate::billing::BillingHandler>(); }})};
    return tollgate::process::run_command_line("tollgate-billing", commands, argc, argv);
}
