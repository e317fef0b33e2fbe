// The alerts about messages ask for what the sender tells, and each says what to do.
#include <catch2/catch.hpp>

#include "delivery/send_metrics.hpp"
#include "support/shipped_alerts.hpp"

using namespace tollgate;

TEST_CASE("alerts about messages ask for metrics that there are, and stand in the runbook") {
    telemetry::Metrics metrics{"delivery"};
    const delivery::SendMetrics told{metrics};
    const auto alerts = test::shipped_alerts("delivery");
    CHECK(alerts.selectors.size() == 5);
    CHECK(test::not_told(alerts, metrics.text()).empty());
    CHECK(alerts.names.size() == 5);
    CHECK(alerts.sections == alerts.names);
}
