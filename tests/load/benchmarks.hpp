// The benchmarks there are. To add one: a file benchmark_NAME.cpp, its declaration here, and its row in the
// table.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "load/figure.hpp"

namespace tollgate::load {

// What tests/load/run has to start for it.
struct Needs {
    bool postgres = false;
    bool kafka = false;
    bool ingress = false;  // its executable, beside our own
    bool relay = false;    // likewise
    bool delivery = false;
    bool product = false;  // all executables
};

// How long and how large, for the benchmarks that can be shorter than they should.
struct Extent {
    std::chrono::seconds run{20};
    std::uint64_t rows = 20'000'000;
};

// Where it has started that; empty for what was not asked for.
struct Surroundings {
    std::string database_url;          // of a login with the rights that migrate has
    std::string service_database_url;  // of one without any
    std::string kafka_brokers;
    Extent extent;
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
Result<Figures> ingress(const Surroundings& surroundings);
Result<Figures> registry(const Surroundings& surroundings);
Result<Figures> relay(const Surroundings& surroundings);
Result<Figures> consumer(const Surroundings& surroundings);
Result<Figures> replay(const Surroundings& surroundings);
Result<Figures> end_to_end(const Surroundings& surroundings);
Result<Figures> delivery(const Surroundings& surroundings);
Result<Figures> billing(const Surroundings& surroundings);
Result<Figures> providers(const Surroundings& surroundings);

}  // namespace tollgate::load
