#include "support/asked_metrics.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "support/child_process.hpp"

namespace tollgate::test {

namespace {

// Told apart installations, by Prometheus and not by us.
constexpr const char* not_ours = "namespace";

std::string text_of(const std::filesystem::path& path) {
    const std::ifstream file{path};
    std::ostringstream text;
    text << file.rdbuf();
    // As JSON has quotes.
    const std::string unquoted = std::regex_replace(text.str(), std::regex{R"(\\")"}, "\"");
    // Prometheus 3 stores the whole bounds of buckets, which we tell as 60, as 60.0; its rules take both.
    return std::regex_replace(unquoted, std::regex{R"(\(\\+\.0\)\?)"}, "");
}

std::vector<std::filesystem::path> files_of(const std::vector<std::string>& paths) {
    static const std::set<std::string> kinds{".yml", ".json", ".md"};
    std::vector<std::filesystem::path> files;
    for (const std::string& path : paths) {
        const std::filesystem::path full = source_file(path);
        if (std::filesystem::is_regular_file(full)) files.push_back(full);
        if (!std::filesystem::is_directory(full)) continue;
        for (const auto& entry : std::filesystem::directory_iterator{full})
            if (kinds.contains(entry.path().extension())) files.push_back(entry.path());
    }
    return files;
}

// {state="dead", outcome=~"a|b"}
std::vector<std::pair<std::string, std::string>> labels_in(const std::string& matchers) {
    static const std::regex matcher{R"rx((\w+)=~?"([^"]*)")rx"};
    static const std::regex word{R"([^|]+)"};
    std::vector<std::pair<std::string, std::string>> labels;
    for (std::sregex_iterator at{matchers.begin(), matchers.end(), matcher}, end; at != end; ++at) {
        const std::string values = (*at)[2].str();
        if ((*at)[1] == not_ours) continue;
        for (std::sregex_iterator value{values.begin(), values.end(), word}; value != end; ++value)
            labels.emplace_back((*at)[1].str(), value->str());
    }
    return labels;
}

}  // namespace

std::vector<AskedMetric> asked_metrics(const std::vector<std::string>& paths) {
    // In what is written for people a label stands without a value: it must be there with any.
    static const std::regex selector{R"(\b(tollgate_[a-z_0-9]*[a-z0-9])(?![a-z0-9_])(\{[^}]*\})?)"};
    std::vector<AskedMetric> asked;
    for (const auto& file : files_of(paths)) {
        const std::string text = text_of(file);
        for (std::sregex_iterator at{text.begin(), text.end(), selector}, end; at != end; ++at)
            asked.push_back({.name = (*at)[1], .labels = labels_in((*at)[2]), .where = file.filename()});
    }
    return asked;
}

std::vector<std::string> not_told(const std::vector<AskedMetric>& asked, const std::string& exposition) {
    std::vector<std::string> lines;
    std::istringstream text{"\n" + exposition};
    for (std::string line; std::getline(text, line);)
        if (line.starts_with("tollgate_")) lines.push_back(std::move(line));
    const auto told = [&](const std::string& name, const std::string& label) {
        return std::ranges::any_of(lines, [&](const std::string& line) {
            return line.starts_with(name) && line.find_first_of("{ ") == name.size() && line.contains(label);
        });
    };
    std::set<std::string> missing;
    for (const AskedMetric& each : asked) {
        // A histogram is written of without its endings.
        if (!told(each.name, "") && !told(each.name + "_count", ""))
            missing.insert(each.name + ", of " + each.where);
        for (const auto& [label, value] : each.labels) {
            const std::string pair = label + "=\"" + value + "\"";
            if (!told(each.name, pair)) missing.insert(each.name + "{" + pair + "}, of " + each.where);
        }
    }
    return {missing.begin(), missing.end()};
}

}  // namespace tollgate::test
