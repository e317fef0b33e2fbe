#include "support/service_process.hpp"

#include <stdexcept>

#include "support/http_get.hpp"
#include "support/wait.hpp"

namespace tollgate::test {

namespace {

std::vector<std::string> arguments_for(const std::string& program, std::uint16_t probes) {
    std::vector<std::string> arguments{"--pdeathsig", "KILL", built(program)};
    if (program == "tollgate") arguments.emplace_back("up");
    arguments.insert(arguments.end(), {"--probes-port", std::to_string(probes)});
    return arguments;
}

}  // namespace

ServiceProcess::ServiceProcess(const std::string& program, const ChildProcess::Environment& environment)
    : process_{"/usr/bin/setpriv", arguments_for(program, probes_), environment} {
    const bool ready =
        wait_until([&] { return !process_.running() || http_get(probes_, "/healthz/ready").status == 200; },
                   std::chrono::seconds{60});
    if (!ready || !process_.running())
        throw std::runtime_error{program + " does not start: " + process_.err()};
}

int ServiceProcess::end(int signal) {
    process_.signal(signal);
    return process_.wait(std::chrono::seconds{40});
}

double ServiceProcess::metric(const std::string& series) const {
    const std::string text = "\n" + http_get(probes_, "/metrics").body;
    const std::string line = "\n" + series + " ";
    const std::size_t at = text.find(line);
    if (at == std::string::npos) throw std::runtime_error{"there is no metric " + series};
    return std::stod(text.substr(at + line.size()));
}

}  // namespace tollgate::test
