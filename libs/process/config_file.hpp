// The configuration file: TOML with one level of sections.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"

namespace tollgate::process {

struct ConfigKey {
    std::string section;
    std::string name;
    std::string value;  // as text, whatever its type in the file
};

// Errors name the file and the line.
Result<std::vector<ConfigKey>> read_toml(const std::string& path);

}  // namespace tollgate::process
