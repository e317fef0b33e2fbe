// UUIDs as 16 bytes; version 7 (RFC 9562), whose byte order is the order of their making.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/result.hpp"

namespace tollgate {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    // 36 lower-case characters.
    std::string text() const;
    // Accepts upper case too; nothing but the 36-character form.
    static Result<Uuid> parse(std::string_view text);

    auto operator<=>(const Uuid&) const = default;
};

// Ids made by one process are strictly increasing, also within a millisecond and when the clock steps back by
// less than a minute. Safe to call from any thread.
Uuid make_uuid_v7();

// What such an id begins with, when the one before it began with `last`: milliseconds in 48 bits, then a
// 12-bit counter (RFC 9562 section 6.2, method 1).
std::uint64_t uuid_v7_stamp_after(std::uint64_t last, std::uint64_t now_ms);

// A random UUID, for what has no order: the holder of a lease, a process start.
Uuid make_uuid_v4();

// The millisecond that a version 7 id was made in.
Timestamp time_of(const Uuid& id);

// The smallest version 7 id of that millisecond: the lower bound of a time range over ids.
Uuid first_uuid_v7_at(Timestamp time);

}  // namespace tollgate

template <>
struct std::hash<tollgate::Uuid> {
    std::size_t operator()(const tollgate::Uuid& id) const noexcept;
};

template <>
struct fmt::formatter<tollgate::Uuid> : fmt::formatter<std::string> {
    auto format(const tollgate::Uuid& id, fmt::format_context& context) const {
        return fmt::formatter<std::string>::format(id.text(), context);
    }
};
