#include "support/postgres_server.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "core/uuid.hpp"
#include "support/child_process.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

namespace {

void run_script(const std::vector<std::string>& arguments) {
    ChildProcess script{source_file("deploy/local/postgres"), arguments};
    if (script.wait(std::chrono::seconds{60}) != 0) throw std::runtime_error{script.err()};
}

}  // namespace

PostgresServer::PostgresServer(std::vector<std::string> settings)
    : folder_{std::filesystem::temp_directory_path() / ("tollgate-pg-" + make_uuid_v4().text().substr(0, 8))},
      port_{free_port()},
      settings_{std::move(settings)} {
    start();
    administer("create role tollgate_test login createdb createrole");
    administer("create database app owner tollgate_test");
}

PostgresServer::~PostgresServer() {
    try {
        run_script({"remove", folder_});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "the server in %s was left behind: %s\n", folder_.c_str(), error.what());
    }
}

void PostgresServer::start() {
    std::vector<std::string> arguments{"start", folder_, std::to_string(port_), "--trust", "-c", "fsync=off"};
    for (const std::string& setting : settings_) {
        arguments.emplace_back("-c");
        arguments.push_back(setting);
    }
    run_script(arguments);
}

void PostgresServer::stop() {
    run_script({"stop", folder_});
}

pid_t PostgresServer::postmaster() const {
    std::ifstream file{folder_ + "/data/postmaster.pid"};
    pid_t pid = 0;
    if (!(file >> pid)) throw std::runtime_error{"no server runs in " + folder_};
    return pid;
}

void PostgresServer::signal(int number) const {
    kill(postmaster(), number);
}

void PostgresServer::crash() {
    const pid_t pid = postmaster();
    kill(pid, SIGKILL);
    // Its backends notice that it is gone, and until all of them have ended a new server refuses to start.
    const auto started = [&] {
        if (kill(pid, 0) == 0) return false;
        try {
            start();
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    };
    if (!wait_until(started, std::chrono::seconds{30})) throw std::runtime_error{"the server stayed down"};
}

Secret PostgresServer::url(const std::string& database, const std::string& login) const {
    return Secret{fmt::format("postgresql://{}@127.0.0.1:{}/{}", login, port_, database)};
}

void PostgresServer::administer(const std::string& sql) const {
    // Not even the superuser's commits wait for the standby that a test pretends there is.
    run_script({"psql", folder_, "-c", "set synchronous_commit = local", "-c", sql});
}

void PostgresServer::administer_in(const std::string& database, const std::string& sql) const {
    run_script({"psql", folder_, "-d", database, "-c", sql});
}

}  // namespace tollgate::test
