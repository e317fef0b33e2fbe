#include "providers/facts.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace tollgate::providers {

namespace {

// "name: value", a line each.
std::vector<Fact> read(std::string_view text) {
    std::vector<Fact> facts;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t colon = std::min(line.find(": "), line.size());
        facts.push_back({line.substr(0, colon), line.substr(std::min(colon + 2, line.size()))});
    }
    return facts;
}

const std::map<std::string_view, std::vector<Fact>>& all_facts() {
    static const auto by_provider = [] {
        std::map<std::string_view, std::vector<Fact>> made;
        for (const FactsFile& file : facts_files()) made.emplace(file.provider, read(file.text));
        return made;
    }();
    return by_provider;
}

}  // namespace

std::span<const Fact> facts_of(std::string_view provider) {
    const auto found = all_facts().find(provider);
    return found == all_facts().end() ? std::span<const Fact>{} : found->second;
}

std::string_view fact(std::string_view provider, std::string_view name) {
    const auto facts = facts_of(provider);
    const auto found = std::ranges::find(facts, name, &Fact::name);
    return found == facts.end() ? std::string_view{} : found->value;
}

}  // namespace tollgate::providers
