// What a process has used, as the kernel counts it.
#pragma once

#include <cstdint>
#include <string>

namespace tollgate::load {

// Zeros for one that is not there.
struct ProcessUsage {
    std::string parent;
    double cpu_seconds = 0;
    double ended_children_cpu_seconds = 0;
    std::uint64_t resident_bytes = 0;
};

// By number, or "self".
ProcessUsage usage_of(const std::string& pid);

// The process, its children that run, and those that have ended.
double cpu_seconds_with_children(const std::string& pid);

// The process and its children that run; what they share counts once.
std::uint64_t memory_bytes_with_children(const std::string& pid);

}  // namespace tollgate::load
