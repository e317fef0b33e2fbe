// Which metrics what we ship asks for: alerts, dashboards, and what is written for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace tollgate::test {

struct AskedMetric {
    std::string name;
    // label and value, each of which some series of it must have
    std::vector<std::pair<std::string, std::string>> labels;
    std::string where;  // the file that asks
};

// In these folders and files of the checkout, in YAML, JSON or Markdown.
std::vector<AskedMetric> asked_metrics(const std::vector<std::string>& paths);

// Those that this text of Prometheus' has not got, as "tollgate_x{state="dead"}, of FILE".
std::vector<std::string> not_told(const std::vector<AskedMetric>& asked, const std::string& exposition);

}  // namespace tollgate::test
