#include "load/process_usage.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include <unistd.h>

namespace tollgate::load {

namespace {

std::vector<std::string> children_of(const std::string& pid) {
    std::vector<std::string> children;
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos && usage_of(name).parent == pid)
            children.push_back(name);
    }
    return children;
}

// Of a page that n processes have, an nth part. Nothing of a process that has ended meanwhile.
std::uint64_t proportional_bytes(const std::string& pid) {
    std::ifstream file{"/proc/" + pid + "/smaps_rollup"};
    for (std::string word; file >> word;) {
        std::uint64_t kilobytes = 0;
        if (word == "Pss:" && file >> kilobytes) return kilobytes * 1024;
    }
    return 0;
}

}  // namespace

ProcessUsage usage_of(const std::string& pid) {
    std::ifstream file{"/proc/" + pid + "/stat"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return {};
    // Behind the name in parentheses, which may hold anything: the state, the parent, and so on.
    std::istringstream words{text.substr(name_end + 1)};
    const std::vector<std::string> fields{std::istream_iterator<std::string>{words}, {}};
    const auto ticks = [&](std::size_t user, std::size_t system) {
        return (std::stod(fields.at(user)) + std::stod(fields.at(system))) /
               static_cast<double>(sysconf(_SC_CLK_TCK));
    };
    return {.parent = fields.at(1),
            .cpu_seconds = ticks(11, 12),
            .ended_children_cpu_seconds = ticks(13, 14),
            .resident_bytes = std::stoull(fields.at(21)) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))};
}

double cpu_seconds_with_children(const std::string& pid) {
    const ProcessUsage own = usage_of(pid);
    double seconds = own.cpu_seconds + own.ended_children_cpu_seconds;
    for (const std::string& child : children_of(pid)) seconds += usage_of(child).cpu_seconds;
    return seconds;
}

std::uint64_t memory_bytes_with_children(const std::string& pid) {
    std::uint64_t bytes = proportional_bytes(pid);
    for (const std::string& child : children_of(pid)) bytes += proportional_bytes(child);
    return bytes;
}

}  // namespace tollgate::load
