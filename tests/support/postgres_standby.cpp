#include "support/postgres_standby.hpp"

#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "core/uuid.hpp"
#include "support/child_process.hpp"
#include "support/ports.hpp"

namespace tollgate::test {

namespace {

constexpr const char* binaries = "/usr/lib/postgresql/15/bin/";

// Postgres does not run as root.
void run_as_server(const std::string& program, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), binaries + program);
    if (geteuid() == 0) {
        const std::vector<std::string> user{"--reuid=postgres", "--regid=postgres", "--init-groups", "--"};
        arguments.insert(arguments.begin(), user.begin(), user.end());
        arguments.insert(arguments.begin(), "setpriv");
    }
    ChildProcess process{"/usr/bin/env", arguments};
    if (process.wait(std::chrono::seconds{60}) != 0) throw std::runtime_error{program + ": " + process.err()};
}

}  // namespace

PostgresStandby::PostgresStandby(const PostgresServer& primary)
    : folder_{std::filesystem::temp_directory_path() /
              ("tollgate-standby-" + make_uuid_v4().text().substr(0, 8))},
      port_{free_port()} {
    primary.administer("create role tollgate_test_standby login replication");
    run_as_server("pg_basebackup", {"-D", folder_, "-R", "-X", "stream", "-c", "fast", "-d",
                                    primary.url("replication", "tollgate_test_standby").reveal()});
    run_as_server("pg_ctl", {"start", "-w", "-D", folder_, "-l", folder_ + "/server.log", "-o",
                             fmt::format("-p {} -c unix_socket_directories=''", port_)});
}

PostgresStandby::~PostgresStandby() {
    try {
        run_as_server("pg_ctl", {"stop", "-w", "-m", "immediate", "-D", folder_});
        std::filesystem::remove_all(folder_);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "the standby in %s was left behind: %s\n", folder_.c_str(), error.what());
    }
}

void PostgresStandby::promote() {
    run_as_server("pg_ctl", {"promote", "-w", "-D", folder_});
}

Secret PostgresStandby::url(const std::string& database, const std::string& login) const {
    return Secret{fmt::format("postgresql://{}@127.0.0.1:{}/{}", login, port_, database)};
}

}  // namespace tollgate::test
