#include "delivery/send_metrics.hpp"

#include <string>

namespace tollgate::delivery {

namespace {

std::array<telemetry::Counter*, 10> counters(telemetry::Metrics& metrics) {
    std::array<telemetry::Counter*, 10> all{};
    for (std::size_t i = 0; i < all.size(); ++i) {
        all.at(i) = &metrics.counter("delivery_attempts_total", "Calls to destinations, by what came of them",
                                     {{"outcome", std::string{name(static_cast<OutcomeKind>(i))}}});
    }
    return all;
}

telemetry::Gauge& rows(telemetry::Metrics& metrics, const std::string& state) {
    return metrics.gauge("delivery_messages", "Messages, by the state that they are in", {{"state", state}});
}

// From what is at once to what is told a day later.
const telemetry::Buckets ages{1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 14'400, 86'400};

}  // namespace

SendMetrics::SendMetrics(telemetry::Metrics& metrics)
    : outcomes{counters(metrics)},
      lapsed{
          metrics.counter("delivery_lapsed_total", "Attempts of which nothing is known: their sender ended")},
      died{metrics.counter("delivery_dead_total", "Deliveries that were given up")},
      under_way{metrics.gauge("delivery_calls_under_way", "Calls that are being made")},
      failing{metrics.gauge("delivery_sender_failing",
                            "1 while the database does not take what the sender writes")},
      waiting{rows(metrics, "waiting")},
      dead{rows(metrics, "dead")},
      unknown{rows(metrics, "unknown")},
      oldest_due{metrics.gauge("delivery_oldest_due_age_seconds",
                               "Since when the message waits that should have been sent first")},
      oldest_waiting{
          metrics.gauge("delivery_oldest_waiting_age_seconds",
                        "For how long the oldest message waits that was to be sent at once, whether its "
                        "destination takes it or not")},
      broken{metrics.gauge("delivery_broken_destinations", "That take nothing until somebody mends them")},
      breakers_open{metrics.gauge("delivery_open_breakers", "Destinations that are left alone for a while")},
      call_seconds{metrics.histogram("delivery_call_seconds", "How long a call to a destination took")},
      age_seconds{
          metrics.histogram("delivery_age_seconds",
                            "From the receipt of an event until its message arrived, where it was to be sent "
                            "at once",
                            ages)} {}

void SendMetrics::show(const Standing& standing) {
    waiting.Set(static_cast<double>(standing.waiting));
    dead.Set(static_cast<double>(standing.dead));
    unknown.Set(static_cast<double>(standing.unknown));
    oldest_due.Set(static_cast<double>(standing.oldest_due.count()));
    oldest_waiting.Set(static_cast<double>(standing.oldest_waiting.count()));
    broken.Set(static_cast<double>(standing.broken));
    breakers_open.Set(static_cast<double>(standing.open_breakers));
}

}  // namespace tollgate::delivery
