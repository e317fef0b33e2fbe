#include "events/schema_version.hpp"

#include <charconv>

namespace tollgate::events {

namespace {

bool read_number(std::string_view text, std::uint32_t& number) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool canonical = text.size() == 1 || !text.starts_with('0');
    return failure == std::errc{} && end == text.data() + text.size() && canonical;
}

}  // namespace

std::string SchemaVersion::text() const {
    return std::to_string(major) + "." + std::to_string(minor);
}

Result<SchemaVersion> SchemaVersion::parse(std::string_view text) {
    SchemaVersion version;
    const auto point = text.find('.');
    if (point == std::string_view::npos || !read_number(text.substr(0, point), version.major) ||
        !read_number(text.substr(point + 1), version.minor) || version.major == 0) {
        return fail(ErrorCode::invalid, "\"{}\" is not a version such as 1.0", text);
    }
    return version;
}

}  // namespace tollgate::events
