// The alerts that we ship ask for metrics and labels that there are, and each says what to do.
#include <catch2/catch.hpp>

#include "consumer/runtime_metrics.hpp"
#include "support/shipped_alerts.hpp"

using namespace tollgate;

TEST_CASE("each metric that an alert asks for is one that consumers tell, with that label") {
    telemetry::Metrics metrics{"enrichment"};
    const consumer::RuntimeMetrics runtime{metrics, "enrichment"};
    const auto alerts = test::shipped_alerts("consumers");
    CHECK(alerts.selectors.size() == 11);
    CHECK(test::not_told(alerts, metrics.text()).empty());
}

TEST_CASE("each alert has a section in the runbook, and no section is of none") {
    const auto alerts = test::shipped_alerts("consumers");
    CHECK(alerts.names.size() == 9);
    CHECK(alerts.sections == alerts.names);
}
