// The benchmarks there are. To add one: a file benchmark_NAME.cpp, its declaration here, and its row in the
// table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "load/figure.hpp"

namespace tollgate::load {

// What tests/load/run has to start for it.
struct Needs {
    bool postgres = false;
    bool kafka = false;
};

// Where it has started that; empty for what was not asked for.
struct Surroundings {
    std::string database_url;
    std::string kafka_brokers;
};

struct Benchmark {
    std::string_view name;
    std::string_view description;
    Needs needs;
    Result<Figures> (*run)(const Surroundings& surroundings);
};

std::span<const Benchmark> benchmarks();

Result<Figures> hmac(const Surroundings& surroundings);
Result<Figures> postgres(const Surroundings& surroundings);
Result<Figures> journal(const Surroundings& surroundings);

}  // namespace tollgate::load
