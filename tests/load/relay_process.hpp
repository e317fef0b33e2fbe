// The relay under load: the executable as it is shipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "load/benchmarks.hpp"
#include "support/child_process.hpp"

namespace tollgate::load {

class RelayProcess {
public:
    RelayProcess(const Surroundings& surroundings, const std::string& topic_prefix);

    void wait_until_ready();
    // tollgate_relay_<name>
    double metric(const std::string& name) const;

private:
    std::uint16_t probes_port_;
    std::optional<test::ChildProcess> process_;
};

}  // namespace tollgate::load
