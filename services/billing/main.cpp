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

using namespace tollgate;

int main(int argc, char** argv) {
    static const std::array schemas{&postgres::schema(), &archive::schema(),  &journal::schema(),
                                    &tenants::schema(),  &consumer::schema(), &billing::schema()};
    const std::array commands{process::consumer_command(
        {.name = "billing",
         .input = "payment",
         .probes_port = 9104,
         .summary = "Keep payments, subscriptions and the ledger.",
         .details = "Needs a migrated database, and brokers if its bus is Kafka.\n\n"
                    "  TOLLGATE_DATABASE_URL_FILE=tollgate.url tollgate-billing",
         .schemas = schemas,
         .make_handler = [] { return std::make_unique<billing::BillingHandler>(); }})};
    return process::run_command_line("tollgate-billing", commands, argc, argv);
}
