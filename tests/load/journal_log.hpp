// A journal for the benchmarks: filled, ticked and read without a process around it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "journal/reader.hpp"
#include "journal/tenure.hpp"
#include "load/benchmarks.hpp"
#include "load/latency.hpp"

namespace tollgate::load {

// The value, or the benchmark ends with the error's words.
template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

postgres::Connection open_database(const Surroundings& surroundings, const char* application);

struct JournalLatency {
    Latencies commit_to_reader;
    Latencies commit;
};
JournalLatency measure_journal_latency(const Surroundings& surroundings);

// Of one core, in percent.
double measure_journal_idle_cpu(const Surroundings& surroundings);

}  // namespace tollgate::load
