// What every target includes: the function that libFuzzer calls, by the name that it has there, and how one
// says that something must hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tollgate::fuzzing {

inline void must(bool holds, std::string_view what) {
    if (holds) return;
    fmt::print(stderr, "does not hold: {}\n", what);
    std::abort();
}

}  // namespace tollgate::fuzzing
