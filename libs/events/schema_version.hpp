// The version of what a record carries. Minor versions only add; a newer major one cannot be read by this
// build.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace tollgate::events {

struct SchemaVersion {
    std::uint32_t major = 1;
    std::uint32_t minor = 0;

    std::string text() const;  // "1.0"
    // Without leading zeros, so that a version has one text.
    static Result<SchemaVersion> parse(std::string_view text);

    auto operator<=>(const SchemaVersion&) const = default;
};

// What this build writes.
inline constexpr SchemaVersion current_schema{.major = 1, .minor = 0};

// True for a record that has to be held until a newer build reads it. A newer minor version is read as it is.
constexpr bool is_newer_major(const SchemaVersion& version) {
    return version.major > current_schema.major;
}

}  // namespace tollgate::events
