// A journal for the benchmarks: filled, ticked and read without a process around it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "journal/reader.hpp"
#include "journal/tenure.hpp"
#include "load/database.hpp"
#include "load/latency.hpp"

namespace tollgate::load {

struct JournalLatency {
    Latencies commit_to_reader;
    Latencies commit;
};
JournalLatency measure_journal_latency(const Surroundings& surroundings);

// Of one core, in percent.
double measure_journal_idle_cpu(const Surroundings& surroundings);

}  // namespace tollgate::load
