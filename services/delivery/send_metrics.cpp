#include "delivery/send_metrics.hpp"

#include <string>

namespace tollgate::delivery {

namespace {

std::array<telemetry::Counter*, 10> counters(telemetry::Metrics& metrics) {
    std::array<telemetry::Counter*, 10> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all.at(i) = &metrics.counter("send_attempts_total", "Calls to destinations, by what came of them",
                                     {{"outcome", std::string{name(static_cast<OutcomeKind>(i))}}});
    }
    return all;
}

telemetry::Gauge& rows(telemetry::Metrics& metrics, const std::string& state) {
    return metrics.gauge("send_deliveries", "Messages, by the state that they are in", {{"state", state}});
}

}  // namespace

SendMetrics::SendMetrics(telemetry::Metrics& metrics)
    : outcomes{counters(metrics)},
      lapsed{metrics.counter("send_lapsed_total", "Attempts of which nothing is known: their sender ended")},
      died{metrics.counter("send_dead_total", "Deliveries that were given up")},
      under_way{metrics.gauge("send_under_way", "Calls that are being made")},
      failing{metrics.gauge("send_failing", "1 while the database does not take what the sender writes")},
      waiting{rows(metrics, "waiting")},
      dead{rows(metrics, "dead")},
      unknown{rows(metrics, "unknown")},
      oldest_due{metrics.gauge("send_oldest_due_age_seconds",
                               "Since when the message waits that should have been sent first")},
      broken{metrics.gauge("send_broken_destinations", "That take nothing until somebody mends them")},
      breakers_open{metrics.gauge("send_open_breakers", "Destinations that are left alone for a while")},
      call_seconds{metrics.histogram("send_call_seconds", "How long a call to a destination took")} {}

void SendMetrics::show(const Standing& standing) {
    waiting.Set(static_cast<double>(standing.waiting));
    dead.Set(static_cast<double>(standing.dead));
    unknown.Set(static_cast<double>(standing.unknown));
    oldest_due.Set(static_cast<double>(standing.oldest_due.count()));
    broken.Set(static_cast<double>(standing.broken));
    breakers_open.Set(static_cast<double>(standing.open_breakers));
}

}  // namespace tollgate::delivery
