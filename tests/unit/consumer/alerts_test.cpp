// The alerts that we ship ask for metrics and labels that there are, and each says what to do.
#include <fstream>
#include <regex>
#include <sstream>

#include <catch2/catch.hpp>

#include "consumer/runtime_metrics.hpp"
#include "support/child_process.hpp"

using namespace tollgate;

namespace {

std::string text_of(const std::string& path) {
    const std::ifstream file{test::source_file(path)};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> all_in(const std::string& text, const std::string& pattern) {
    const std::regex wanted{pattern};
    std::vector<std::string> found;
    for (std::sregex_iterator at{text.begin(), text.end(), wanted}, end; at != end; ++at)
        found.push_back((*at)[1].str());
    return found;
}

// As Prometheus takes it off a process.
std::string exposition() {
    telemetry::Metrics metrics{"enrichment"};
    const consumer::RuntimeMetrics runtime{metrics, "enrichment"};
    return metrics.text();
}

const std::string rules = "deploy/prometheus/consumers.rules.yml";

}  // namespace

TEST_CASE("each metric that an alert asks for is one that consumers tell, with that label") {
    const std::string told = exposition();
    const auto selectors = all_in(text_of(rules), R"(\{__name__=~"([^}]+)\})");
    REQUIRE(selectors.size() == 11);
    for (const std::string& selector : selectors) {
        CAPTURE(selector);
        const auto name = all_in(selector, R"rx(^(tollgate_[^"]+)")rx");
        REQUIRE(name.size() == 1);
        const auto label = all_in(selector, R"rx(, (\w+="\w+")$)rx");
        std::string line = name.front() + R"(\{[^}]*)";
        if (!label.empty()) line += label.front();
        CHECK(std::regex_search(told, std::regex{line}));
    }
}

TEST_CASE("each alert has a section in the runbook, and no section is of none") {
    const auto alerts = all_in(text_of(rules), R"(- alert: (\w+)\n)");
    CHECK(alerts.size() == 9);
    CHECK(all_in(text_of("deploy/runbooks/consumers.md"), R"(\n## (\w+)\n)") == alerts);
}
