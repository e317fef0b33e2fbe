// A service as a pod has it: a process with probes, and an end that comes in the order of Kubernetes.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "support/child_process.hpp"

namespace tollgate::test {

class Pod {
public:
    // "ingress": the program tollgate-ingress, on ports of its own; "up": all of it in one process.
    Pod(std::string service, const ChildProcess::Environment& settings);

    bool becomes_ready(std::chrono::milliseconds within = std::chrono::seconds{90}) const;
    // The status of /healthz/live or /healthz/ready; 0 if nobody answers.
    int live() const;
    int ready() const;
    std::string liveness() const;
    // What readiness says.
    std::string state() const;
    std::string metrics() const;
    // Waits until readiness says this.
    bool says(const std::string& words) const;

    // SIGTERM, and SIGKILL at the end of the grace period. How long it took; fails the test if it was killed
    // or did not end well.
    std::chrono::milliseconds end(std::chrono::milliseconds grace);

    std::uint16_t port() const { return port_; }
    ChildProcess& process() { return *process_; }

    // What k8s tells every pod (config map tollgate-settings).
    static ChildProcess::Environment settings_of_k8s();

private:
    std::string service_;
    std::uint16_t port_;
    std::uint16_t probes_;
    std::unique_ptr<ChildProcess> process_;
};

}  // namespace tollgate::test
