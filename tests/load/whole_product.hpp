// The product from the webhook to Slack, in either way of running it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "load/benchmarks.hpp"
#include "load/latency.hpp"
#include "load/process_usage.hpp"
#include "load/slack_stand_in.hpp"
#include "load/stripe_source.hpp"
#include "support/service_process.hpp"
#include "support/temporary_folder.hpp"

namespace tollgate::load {

enum class Way { alone, with_kafka };

struct EndToEnd {
    Latencies latencies;  // from when a request was due until its message came to Slack
    std::uint64_t events = 0;
    std::uint64_t messages = 0;
    std::uint64_t not_200 = 0;
    double postgres_cpu_seconds = 0;  // of all its processes, until the last message
    std::uint64_t postgres_memory_bytes = 0;
};

struct Idle {
    double resident_mb = 0;
    double cpu_percent = 0;  // of one core
};

class WholeProduct {
public:
    explicit WholeProduct(const Surroundings& surroundings);

    // What runs of the way before is stopped.
    void start(Way way);
    Idle measure_idle(std::chrono::seconds length);
    // Fills caches, and has the planner know what autovacuum tells it within a minute.
    void warm_up();
    EndToEnd measure(double per_second, std::chrono::seconds length);

private:
    void make_channel();
    test::ChildProcess::Environment environment(bool with_kafka) const;

    const Surroundings surroundings_;
    test::TemporaryFolder folder_;
    StripeSource source_;
    SlackStandIn slack_;
    const std::uint16_t port_;
    std::uint64_t seed_ = 0;
    std::vector<std::unique_ptr<test::ServiceProcess>> processes_;
};

}  // namespace tollgate::load
