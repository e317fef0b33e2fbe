#include "core/units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace tollgate {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array<Unit, 5> duration_units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> size_units{
    {{"GiB", 1LL << 30U}, {"MiB", 1LL << 20U}, {"KiB", 1LL << 10U}, {"B", 1}}};

Result<std::int64_t> parse_with_unit(std::string_view text, std::span<const Unit> units,
                                     std::string_view what) {
    std::int64_t count = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit& unit : units) {
        if (failure != std::errc{} || count < 0 || suffix != unit.name) continue;
        if (count > std::numeric_limits<std::int64_t>::max() / unit.factor) break;
        return count * unit.factor;
    }
    return fail(ErrorCode::invalid, "\"{}\" is not {}", text, what);
}

// In the largest unit that divides it.
std::string with_unit(std::int64_t value, std::span<const Unit> units) {
    for (const Unit& unit : units) {
        if (value != 0 && value % unit.factor == 0)
            return fmt::format("{}{}", value / unit.factor, unit.name);
    }
    return fmt::format("{}{}", value, units.back().name);
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto ms = parse_with_unit(text, duration_units, "a duration such as 250ms, 5s, 10m, 2h or 7d");
    if (!ms) return std::unexpected{ms.error()};
    return std::chrono::milliseconds{*ms};
}

std::string to_text(std::chrono::milliseconds duration) {
    return with_unit(duration.count(), duration_units);
}

Result<std::uint64_t> parse_size(std::string_view text) {
    const auto bytes = parse_with_unit(text, size_units, "a size such as 512B, 256KiB, 1MiB or 2GiB");
    if (!bytes) return std::unexpected{bytes.error()};
    return static_cast<std::uint64_t>(*bytes);
}

std::string size_to_text(std::uint64_t bytes) {
    return with_unit(static_cast<std::int64_t>(bytes), size_units);
}

std::string rounded_size(std::uint64_t bytes) {
    constexpr double step = 1024;
    auto size = static_cast<double>(bytes);
    if (size < step) return fmt::format("{} B", bytes);
    const char* name = "";
    for (const char* larger : {"KiB", "MiB", "GiB", "TiB"}) {
        if (size < step) break;
        size /= step;
        name = larger;
    }
    return fmt::format("{:.1f} {}", size, name);
}

}  // namespace tollgate
