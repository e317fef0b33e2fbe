#include "pod.hpp"

#include <fstream>
#include <regex>

#include <catch2/catch.hpp>

#include "support/http_get.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

Pod::Pod(std::string service, const ChildProcess::Environment& settings)
    : service_{std::move(service)}, port_{free_port()}, probes_{free_port()} {
    ChildProcess::Environment environment = settings;
    environment["TOLLGATE_HTTP_PORT"] = std::to_string(port_);
    environment["TOLLGATE_PROBES_PORT"] = std::to_string(probes_);
    const bool is_all = service_ == "up";
    process_ = std::make_unique<ChildProcess>(
        built(is_all ? "tollgate" : "tollgate-" + service_),
        is_all ? std::vector<std::string>{"up"} : std::vector<std::string>{}, environment);
}

ChildProcess::Environment Pod::settings_of_k8s() {
    std::ifstream file{source_file("k8s/base/foundation/kustomization.yaml")};
    const std::regex literal{R"(^ +- (TOLLGATE_\w+)=(.*)$)"};
    ChildProcess::Environment found;
    std::smatch parts;
    for (std::string line; std::getline(file, line);)
        if (std::regex_match(line, parts, literal)) found[parts[1]] = parts[2];
    REQUIRE(found.size() > 5);
    return found;
}

int Pod::live() const {
    return http_get(probes_, "/healthz/live").status;
}

std::string Pod::liveness() const {
    return http_get(probes_, "/healthz/live").body;
}

int Pod::ready() const {
    return http_get(probes_, "/healthz/ready").status;
}

std::string Pod::state() const {
    return http_get(probes_, "/healthz/ready").body;
}

std::string Pod::metrics() const {
    return http_get(probes_, "/metrics").body;
}

bool Pod::says(const std::string& words) const {
    return wait_until([&] { return state().contains(words); }, std::chrono::seconds{30});
}

bool Pod::becomes_ready(std::chrono::milliseconds within) const {
    return wait_until([&] { return ready() == 200; }, within);
}

std::chrono::milliseconds Pod::end(std::chrono::milliseconds grace) {
    const auto began = std::chrono::steady_clock::now();
    process_->signal(SIGTERM);
    const bool ended = wait_until([&] { return !process_->running(); }, grace);
    if (!ended) process_->signal(SIGKILL);
    INFO(service_ << ": " << process_->err());
    CHECK(ended);
    CHECK(process_->wait() == 0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
}

}  // namespace tollgate::test
