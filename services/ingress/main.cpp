// tollgate-ingress: takes webhooks in.
#include <array>
#include <memory>

#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "ingress/schema.hpp"
#include "ingress/service.hpp"
#include "journal/keeper.hpp"
#include "journal/schema.hpp"
#include "postgres/pool.hpp"
#include "process/command_line.hpp"
#include "process/journal_config.hpp"
#include "process/seal_config.hpp"
#include "tenants/schema.hpp"

namespace tollgate {

namespace {

// Nobody but readiness asks with it: k8s/README.md reckons with so many.
constexpr std::size_t readiness_connections_max = 2;

struct Config {
    process::ProcessConfig process{.service = "ingress", .probes_port = 9101};
    process::DatabaseConfig database;
    process::JournalConfig journal;
    process::SealConfig seal;
    ingress::Config ingress;
};

postgres::Schemas used_schemas() {
    static const std::array schemas{&postgres::schema(), &archive::schema(),  &journal::schema(),
                                    &tenants::schema(),  &consumer::schema(), &ingress::schema()};
    return schemas;
}

process::Exit run(const Config& config) {
    const auto keys = config.seal.load();
    if (!keys) return process::report("tollgate-ingress", keys.error());
    process::Process process{config.process};
    const SystemClock clock;
    const Uuid holder = make_uuid_v4();
    postgres::Pool database{{.connection = config.database.connection("tollgate ingress", "tollgate_ingress"),
                             .connections_max = readiness_connections_max}};
    if (const auto end = process::await_database(process, database, used_schemas())) return *end;
    const postgres::ConnectionSettings journal =
        config.database.connection("tollgate ingress journal", "tollgate_ingress");
    const journal::Watch watch{journal, config.journal.watch(config.database), process.metrics()};
    const journal::Keeper keeper{journal, config.journal.keeper(), holder, process.metrics()};
    process.health().ready_when("database", [&] { return process::check_writable(database, clock); });
    const auto service =
        ingress::Service::start(config.ingress, config.database, *keys, watch, holder, process);
    if (!service) return process::report("tollgate-ingress", service.error());
    return process.run();
}

process::Command command() {
    return {.words = "",
            .summary = "Take webhooks in: verify them, commit them, answer.",
            .details =
                "Needs a migrated database and the keys that its sources' secrets are sealed with.\n\n"
                "  TOLLGATE_DATABASE_URL_FILE=tollgate.url TOLLGATE_SEAL_KEYS_FILE=seal.keys "
                "tollgate-ingress",
            .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
                auto config = std::make_shared<Config>();
                config->process.declare(settings);
                config->database.declare(settings);
                config->journal.declare(settings);
                config->seal.declare(settings);
                config->ingress.declare(settings);
                return [config] { return run(*config); };
            }};
}

}  // namespace

}  // namespace tollgate

int main(int argc, char** argv) {
    const std::array commands{tollgate::command()};
    return tollgate::process::run_command_line("tollgate-ingress", commands, argc, argv);
}
