#include "telemetry/trace_context.hpp"

#include <catch2/catch.hpp>

#include "telemetry/metrics.hpp"

using namespace tollgate::telemetry;

TEST_CASE("a traceparent is read and written as it was") {
    const std::string header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const auto context = TraceContext::parse(header);
    REQUIRE(context.has_value());
    CHECK(context->traceparent() == header);
    CHECK(context->sampled);
}

TEST_CASE("a child keeps the trace and has a span of its own") {
    const TraceContext parent = TraceContext::start();
    const TraceContext child = parent.child();
    CHECK(child.trace_id == parent.trace_id);
    CHECK(child.span_id != parent.span_id);
    CHECK(TraceContext::parse(child.traceparent()).has_value());
}

TEST_CASE("a later version is read as far as we know it") {
    CHECK(TraceContext::parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what").has_value());
}

TEST_CASE("what the specification tells us to ignore is ignored") {
    for (const auto* const header : {"", "00", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                     "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                     "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                     "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                                     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                                     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x"}) {
        INFO(header);
        CHECK_FALSE(TraceContext::parse(header).has_value());
    }
}

TEST_CASE("metrics carry the product's prefix and one metric serves all who ask for it") {
    Metrics metrics;
    metrics.counter("relay_records_total", "Records published", {{"outcome", "sent"}}).Increment(2);
    metrics.counter("relay_records_total", "Records published", {{"outcome", "sent"}}).Increment();
    const std::string text = metrics.text();
    CHECK_THAT(text, Catch::Contains("tollgate_relay_records_total{outcome=\"sent\"} 3"));
    CHECK_THAT(text, Catch::Contains("# TYPE tollgate_relay_records_total counter"));
    CHECK_THROWS_AS(metrics.gauge("no spaces", ""), std::invalid_argument);
}
