// The alerts that we ship: which metrics they ask for, and whether the runbook knows them.
#pragma once

#include <string>
#include <vector>

namespace tollgate::test {

struct ShippedAlerts {
    std::vector<std::string> names;      // in their order
    std::vector<std::string> selectors;  // as Prometheus matches them: tollgate_.+_send_failing, state="dead"
    std::vector<std::string> sections;   // of the runbook that are named like alerts
};

// Of deploy/prometheus/NAME.rules.yml and deploy/runbooks/NAME.md.
ShippedAlerts shipped_alerts(const std::string& name);

// Which of them ask for something that this text of Prometheus' does not have.
std::vector<std::string> not_told(const ShippedAlerts& alerts, const std::string& exposition);

}  // namespace tollgate::test
