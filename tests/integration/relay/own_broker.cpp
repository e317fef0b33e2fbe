#include "own_broker.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

#include "core/uuid.hpp"
#include "support/child_process.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

namespace {

void run_script(const std::vector<std::string>& arguments) {
    ChildProcess script{source_file("deploy/local/kafka"), arguments};
    if (script.wait(std::chrono::seconds{120}) != 0) throw std::runtime_error{script.err()};
}

// Nobody may have asked yet what it ended with: then only its name is left.
bool is_gone(pid_t pid) {
    std::ifstream file{fmt::format("/proc/{}/cmdline", pid)};
    return file.peek() == std::ifstream::traits_type::eof();
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
    if (!(file >> pid) || kill(pid, number) != 0) return;
    // While the kernel still takes it apart it looks to the script as if it ran, and is not started again.
    if (number == SIGKILL && !wait_until([pid] { return is_gone(pid); }, std::chrono::seconds{60}))
        throw std::runtime_error{fmt::format("the broker (pid {}) outlives SIGKILL", pid)};
}

std::string OwnBroker::address() const {
    return fmt::format("127.0.0.1:{}", port_);
}

}  // namespace tollgate::test
