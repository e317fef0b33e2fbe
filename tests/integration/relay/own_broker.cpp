#include "own_broker.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "core/uuid.hpp"
#include "support/child_process.hpp"

namespace tollgate::test {

namespace {

void run_script(const std::vector<std::string>& arguments) {
    ChildProcess script{source_file("deploy/local/kafka"), arguments};
    if (script.wait(std::chrono::seconds{120}) != 0) throw std::runtime_error{script.err()};
}

}  // namespace

OwnBroker::OwnBroker()
    : folder_{std::filesystem::temp_directory_path() /
              ("tollgate-kafka-" + make_uuid_v4().text().substr(0, 8))} {
    start();
}

OwnBroker::~OwnBroker() {
    try {
        signal(SIGKILL);
        std::filesystem::remove_all(folder_);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "the broker in %s was left behind: %s\n", folder_.c_str(), error.what());
    }
}

void OwnBroker::start() {
    run_script({"start", folder_, std::to_string(port_), std::to_string(controller_port_)});
}

void OwnBroker::stop() {
    run_script({"stop", folder_});
}

void OwnBroker::signal(int number) const {
    std::ifstream file{folder_ + "/pid"};
    pid_t pid = 0;
    if (file >> pid) kill(pid, number);
}

std::string OwnBroker::address() const {
    return fmt::format("127.0.0.1:{}", port_);
}

}  // namespace tollgate::test
