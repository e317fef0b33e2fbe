#include "support/shipped_alerts.hpp"

#include <fstream>
#include <regex>
#include <sstream>

#include "support/child_process.hpp"

namespace tollgate::test {

namespace {

std::string text_of(const std::string& path) {
    const std::ifstream file{source_file(path)};
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

}  // namespace

ShippedAlerts shipped_alerts(const std::string& name) {
    const std::string rules = text_of("deploy/prometheus/" + name + ".rules.yml");
    return {.names = all_in(rules, R"(- alert: (\w+)\n)"),
            .selectors = all_in(rules, R"(\{__name__=~"([^}]+)\})"),
            .sections = all_in(text_of("deploy/runbooks/" + name + ".md"), R"(\n## (Tollgate\w+)\n)")};
}

std::vector<std::string> not_told(const ShippedAlerts& alerts, const std::string& exposition) {
    std::vector<std::string> missing;
    for (const std::string& selector : alerts.selectors) {
        const auto name = all_in(selector, R"rx(^(tollgate_[^"]+)")rx");
        const auto label = all_in(selector, R"rx(, (\w+="\w+")$)rx");
        const std::string metric = name.empty() ? selector : name.front();
        const std::string line = "\n" + metric + (label.empty() ? R"([ {])" : R"(\{[^}]*)" + label.front());
        if (!std::regex_search(exposition, std::regex{line})) missing.push_back(selector);
    }
    return missing;
}

}  // namespace tollgate::test
