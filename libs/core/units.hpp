// Durations and sizes as people write them in a configuration: "250ms", "256KiB".
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate {

// A whole number with ms, s, m, h or d.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string to_text(std::chrono::milliseconds duration);

// A whole number with B, KiB, MiB or GiB.
Result<std::uint64_t> parse_size(std::string_view text);
std::string size_to_text(std::uint64_t bytes);

// For people, to one place: "12.3 GiB".
std::string rounded_size(std::uint64_t bytes);

}  // namespace tollgate
