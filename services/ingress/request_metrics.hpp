// What is counted of requests, by provider and what became of them.
#pragma once

#include <array>
#include <map>

#include "http/server.hpp"
#include "providers/provider.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::ingress {

enum class Ending {
    committed,     // 200
    answered,      // a question of the provider's
    unverified,    // 401
    limited,       // 429
    malformed,     // verified, and not what the provider sends
    broken,        // its body did not come whole, or not in time
    failed,        // 503, or refused by the database
    unknown_place  // no such source, or a closed one
};

class RequestMetrics {
public:
    explicit RequestMetrics(telemetry::Metrics& metrics);

    // Null: it led to no source.
    void ended(const providers::Provider* provider, Ending ending);
    void refused(const providers::Provider& provider, providers::Reason reason);
    void turned_away(http::Limit limit);

private:
    static constexpr std::size_t endings = 8;
    static constexpr std::size_t reasons = 9;
    struct Counters {
        std::array<telemetry::Counter*, endings> by_ending;
        std::array<telemetry::Counter*, reasons> by_reason;
    };

    std::map<const providers::Provider*, Counters> counters_;  // filled when made, then only read
    telemetry::Counter& unknown_;
    std::array<telemetry::Counter*, http::limit_count> by_limit_{};
};

}  // namespace tollgate::ingress
