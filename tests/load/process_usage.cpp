#include "load/process_usage.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include <unistd.h>

namespace tollgate::load {

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
    for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        const ProcessUsage usage = usage_of(name);
        if (usage.parent == pid) seconds += usage.cpu_seconds;
    }
    return seconds;
}

}  // namespace tollgate::load
