// The ingress under load: the executable as it is shipped, with a tenant and a source of Stripe's.
#pragma once

#include <cstdint>
#include <string>

#include "load/benchmarks.hpp"
#include "load/process_usage.hpp"
#include "load/stripe_source.hpp"
#include "load/traffic.hpp"
#include "support/service_process.hpp"
#include "support/temporary_folder.hpp"

namespace tollgate::load {

class IngressServer {
public:
    // Ready when it returns. The database is migrated, and its login may do what ingress does.
    explicit IngressServer(const Surroundings& surroundings);

    std::uint16_t port() const { return port_; }
    // To its source, signed with its secret; the rest is the caller's to choose.
    TrafficSettings traffic() const;

    // Since its start.
    struct Commits {
        double requests = 0;
        double count = 0;
    };
    Commits commits() const;
    ProcessUsage usage() const { return usage_of(std::to_string(process_.pid())); }

private:
    test::TemporaryFolder folder_;
    StripeSource source_;
    std::uint16_t port_;
    test::ServiceProcess process_;
};

}  // namespace tollgate::load
