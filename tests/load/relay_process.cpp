#include "load/relay_process.hpp"

#include <stdexcept>

#include "support/http_get.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"

namespace tollgate::load {

RelayProcess::RelayProcess(const Surroundings& surroundings, const std::string& topic_prefix)
    : probes_port_{test::free_port()} {
    // It must not outlive this process, however that ends.
    process_.emplace(
        "/usr/bin/setpriv",
        std::vector<std::string>{"--pdeathsig", "KILL", test::built("tollgate-relay"), "--probes-port",
                                 std::to_string(probes_port_)},
        test::ChildProcess::Environment{{"TOLLGATE_DATABASE_URL", surroundings.service_database_url},
                                        {"TOLLGATE_KAFKA_BROKERS", surroundings.kafka_brokers},
                                        {"TOLLGATE_KAFKA_TOPIC_PREFIX", topic_prefix}});
}

void RelayProcess::wait_until_ready() {
    const auto answered = [this] {
        return !process_->running() || test::http_get(probes_port_, "/healthz/ready").status == 200;
    };
    if (!test::wait_until(answered, std::chrono::seconds{60}) || !process_->running())
        throw std::runtime_error{"tollgate-relay is not ready: " + process_->err()};
}

double RelayProcess::metric(const std::string& name) const {
    const std::string text = "\n" + test::http_get(probes_port_, "/metrics").body;
    const std::string line = "\ntollgate_relay_" + name + " ";
    const std::size_t at = text.find(line);
    if (at == std::string::npos) return 0;
    return std::stod(text.substr(at + line.size()));
}

}  // namespace tollgate::load
