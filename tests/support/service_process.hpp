// One of our executables, as it is deployed. It does not outlive the thread that has made it, however that
// ends.
#pragma once

#include <string>

#include "support/child_process.hpp"
#include "support/ports.hpp"

namespace tollgate::test {

class ServiceProcess {
public:
    // Ready when constructed, or throws with its log. `tollgate` runs all of it.
    ServiceProcess(const std::string& program, const ChildProcess::Environment& environment);

    // SIGTERM or SIGKILL, and waits for the end. Gives its exit code.
    int end(int signal);
    bool running() { return process_.running(); }
    std::uint16_t probes() const { return probes_; }
    // One series of what it exposes, such as tollgate_relay_producing. Throws if there is none.
    double metric(const std::string& series) const;
    ChildProcess& process() { return process_; }
    pid_t pid() const { return process_.pid(); }

private:
    std::uint16_t probes_ = free_port();
    ChildProcess process_;
};

}  // namespace tollgate::test
