#include "telemetry/trace_context.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "core/uuid.hpp"

namespace tollgate::telemetry {

namespace {

std::string hex(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::uint8_t byte : bytes) text.append({digits[byte >> 4U], digits[byte & 0x0FU]});
    return text;
}

// Lower case only, as the specification demands.
bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
    const auto value = [](char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return -1;
    };
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = value(text[2 * i]);
        const int low = value(text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return true;
}

bool all_zero(std::span<const std::uint8_t> bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

}  // namespace

std::string TraceContext::traceparent() const {
    return fmt::format("00-{}-{}-{:02x}", hex(trace_id), hex(span_id), sampled ? 1 : 0);
}

std::string TraceContext::trace_id_text() const {
    return hex(trace_id);
}

TraceContext TraceContext::child() const {
    TraceContext next = *this;
    std::ranges::copy_n(make_uuid_v4().bytes.begin(), 8, next.span_id.begin());
    return next;
}

TraceContext TraceContext::start() {
    TraceContext context;
    context.trace_id = make_uuid_v4().bytes;
    return context.child();
}

std::optional<TraceContext> TraceContext::parse(std::string_view text) {
    // version "-" 32 digits "-" 16 digits "-" 2 digits; a later version may go on after another "-".
    constexpr std::size_t length = 55;
    if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
    std::array<std::uint8_t, 1> version{};
    std::array<std::uint8_t, 1> flags{};
    TraceContext context;
    if (!read_hex(text.substr(0, 2), version) || version[0] == 0xFF) return std::nullopt;
    if (version[0] == 0 ? text.size() != length : text.size() > length && text[length] != '-')
        return std::nullopt;
    if (!read_hex(text.substr(3, 32), context.trace_id) || !read_hex(text.substr(36, 16), context.span_id) ||
        !read_hex(text.substr(53, 2), flags)) {
        return std::nullopt;
    }
    if (all_zero(context.trace_id) || all_zero(context.span_id)) return std::nullopt;
    context.sampled = (flags[0] & 1U) != 0;
    return context;
}

}  // namespace tollgate::telemetry
