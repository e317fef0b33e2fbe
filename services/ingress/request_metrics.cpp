#include "ingress/request_metrics.hpp"

#include "providers/catalogue.hpp"

namespace tollgate::ingress {

namespace {

constexpr const char* ended_name = "ingress_requests_total";
constexpr const char* ended_help = "Webhooks by what became of them.";

std::string_view name(Ending ending) {
    switch (ending) {
        case Ending::committed:
            return "committed";
        case Ending::answered:
            return "answered";
        case Ending::unverified:
            return "unverified";
        case Ending::limited:
            return "limited";
        case Ending::malformed:
            return "malformed";
        case Ending::broken:
            return "broken";
        case Ending::failed:
            return "failed";
        case Ending::unknown_place:
            return "unknown_place";
    }
    return "";
}

}  // namespace

RequestMetrics::RequestMetrics(telemetry::Metrics& metrics)
    : unknown_{
          metrics.counter(ended_name, ended_help,
                          {{"provider", "none"}, {"outcome", std::string{name(Ending::unknown_place)}}})} {
    for (std::size_t i = 0; i < by_limit_.size(); ++i) {
        const auto limit = static_cast<http::Limit>(i);
        if (limit == http::Limit::none) continue;
        by_limit_[i] = &metrics.counter("ingress_turned_away_total",
                                        "Connections and requests that met a limit of the server's.",
                                        {{"limit", std::string{http::name(limit)}}});
    }
    for (const providers::Provider* const provider : providers::all()) {
        const std::string whose{provider->name};
        Counters& counters = counters_[provider];
        for (std::size_t i = 0; i < endings; ++i) {
            counters.by_ending[i] = &metrics.counter(
                ended_name, ended_help,
                {{"provider", whose}, {"outcome", std::string{name(static_cast<Ending>(i))}}});
        }
        for (std::size_t i = 0; i < reasons; ++i) {
            counters.by_reason[i] = &metrics.counter(
                "ingress_unverified_total", "Webhooks that were not believed, by the reason.",
                {{"provider", whose},
                 {"reason", std::string{providers::name(static_cast<providers::Reason>(i))}}});
        }
    }
}

void RequestMetrics::turned_away(http::Limit limit) {
    by_limit_.at(static_cast<std::size_t>(limit))->Increment();
}

void RequestMetrics::ended(const providers::Provider* provider, Ending ending) {
    const auto found = counters_.find(provider);
    if (found == counters_.end()) {
        unknown_.Increment();
    } else {
        found->second.by_ending.at(static_cast<std::size_t>(ending))->Increment();
    }
}

void RequestMetrics::refused(const providers::Provider& provider, providers::Reason reason) {
    const auto found = counters_.find(&provider);
    if (found != counters_.end()) found->second.by_reason.at(static_cast<std::size_t>(reason))->Increment();
}

}  // namespace tollgate::ingress
