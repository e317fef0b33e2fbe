// W3C Trace Context: the `traceparent` header, so that an event can be followed across processes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tollgate::telemetry {

struct TraceContext {
    std::array<std::uint8_t, 16> trace_id{};
    std::array<std::uint8_t, 8> span_id{};
    bool sampled = false;

    // "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    std::string traceparent() const;
    std::string trace_id_text() const;

    // The same trace with a span of its own.
    TraceContext child() const;

    static TraceContext start();

    // Nothing for a header that the specification tells us to ignore; a later version than 00 is read as 00.
    static std::optional<TraceContext> parse(std::string_view traceparent);
};

}  // namespace tollgate::telemetry
