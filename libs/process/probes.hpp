// /healthz/live, /healthz/ready and /metrics, on a port that is not the public one.
#pragma once

#include <optional>
#include <string>

#include "http/server.hpp"
#include "process/process.hpp"

namespace tollgate::process {

class Process::Probes {
public:
    Probes(const ProcessConfig& config, const Health& health, const telemetry::Metrics& metrics);

    // "127.0.0.1:9101"
    std::string address() const;

private:
    std::string host_;
    std::optional<http::Server> server_;
};

}  // namespace tollgate::process
