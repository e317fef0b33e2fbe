// `tollgate up`: the whole product in one process.
#include <memory>

#include "core/uuid.hpp"
#include "journal/keeper.hpp"
#include "journal/watch.hpp"
#include "postgres/pool.hpp"
#include "process/database_check.hpp"
#include "process/journal_config.hpp"
#include "process/process.hpp"
#include "tollgate/commands.hpp"
#include "tollgate/schemas.hpp"

namespace tollgate {

namespace {

struct UpConfig {
    process::ProcessConfig process{.service = "up", .probes_port = 9100};
    process::DatabaseConfig database;
    process::JournalConfig journal;
};

process::Exit up(const UpConfig& config) {
    process::Process process{config.process};
    const SystemClock clock;

    postgres::Pool database{{.connection = config.database.connection("tollgate up", "tollgate_ingress")}};
    if (const auto end = process::await_database(process, database, all_schemas())) return *end;

    const postgres::ConnectionSettings journal =
        config.database.connection("tollgate up journal", "tollgate_ingress");
    const journal::Watch watch{journal, config.journal.watch(), process.metrics()};
    const journal::Keeper keeper{journal, config.journal.keeper(), make_uuid_v4(), process.metrics()};

    process.health().ready_when("database", [&] { return process::check_writable(database, clock); });
    return process.run();
}

}  // namespace

process::Command up_command() {
    return {.words = "up",
            .summary = "Run all of Tollgate in this process, until SIGTERM or Ctrl-C.",
            .details =
                "Needs a migrated database (tollgate migrate), nothing else. Tells its state on the port of\n"
                "the probes: /healthz/live, /healthz/ready, /metrics.\n\n"
                "  TOLLGATE_DATABASE_URL_FILE=tollgate.url tollgate up",
            .prepare = [](process::Settings& settings) -> std::function<process::Exit()> {
                auto config = std::make_shared<UpConfig>();
                config->process.declare(settings);
                config->database.declare(settings);
                config->journal.declare(settings);
                return [config] { return up(*config); };
            }};
}

}  // namespace tollgate
