// What an operator asks of a provider before he connects it: each folder's facts.txt, built in.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace tollgate::providers {

struct Fact {
    std::string_view name;
    std::string_view value;
};

// In the order of every facts.txt; the last five are the steps to set it up.
constexpr auto fact_names = std::to_array<std::string_view>(
    {"scheme", "header", "event id", "type", "mode", "account", "ordering key", "time", "covered",
     "tolerance", "retries", "switches off", "1", "2", "3", "4", "5"});

// Empty for a provider that there is not.
std::span<const Fact> facts_of(std::string_view provider);

// Empty for a name that is none of them.
std::string_view fact(std::string_view provider, std::string_view name);

// The file as it is built in.
struct FactsFile {
    std::string_view provider;
    std::string_view text;
};
std::span<const FactsFile> facts_files();

}  // namespace tollgate::providers
