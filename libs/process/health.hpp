// Whether the process lives and whether it can work. Liveness looks at nothing but the process itself: a
// broker that is away must not restart everything. Readiness asks the checks, on a thread of its own, so
// that a check that hangs delays no probe.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/result.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::process {

// A loop's sign of life.
class Heartbeat {
public:
    void beat() {
        last_.store(std::chrono::steady_clock::now().time_since_epoch(), std::memory_order_relaxed);
    }
    std::chrono::steady_clock::duration age() const {
        return std::chrono::steady_clock::now().time_since_epoch() - last_.load(std::memory_order_relaxed);
    }

private:
    std::atomic<std::chrono::steady_clock::duration> last_{
        std::chrono::steady_clock::now().time_since_epoch()};
};

struct HealthSettings {
    std::chrono::milliseconds check_every{std::chrono::seconds{1}};
    // An answer older than this counts for nothing.
    std::chrono::milliseconds answer_valid_for{std::chrono::seconds{10}};
};

class Health {
public:
    using Check = std::function<Result<void>()>;

    // All in one: whether it is well, and a JSON object that says of what.
    struct Report {
        bool well;
        std::string json;
    };

    explicit Health(HealthSettings settings = {}) : settings_{settings} {}
    ~Health();
    Health(const Health&) = delete;
    Health& operator=(const Health&) = delete;

    // Both while the process is wired, before `start`.
    Heartbeat& alive_while(std::string name, std::chrono::milliseconds silence_max);
    // One that needs a while at the start to be well is told of in the log when it takes longer than that.
    void ready_when(std::string name, Check check, std::chrono::milliseconds settles_within = {});

    // For who reads metrics and not probes: 1 while it is ready. While the process is wired.
    void show_readiness_by(telemetry::Gauge& gauge) { shown_by_.push_back(&gauge); }

    // What the start waits for; readiness tells it. From any thread.
    void wait_for(const std::string& what);

    // Begins to ask. Until then the process is alive and not ready.
    void start();
    // From now on not ready, whatever the checks say.
    void begin_drain() { draining_ = true; }
    // No check is asked any more: what they look at is about to go. Waits for the one that is being asked.
    void end_checks();

    Report liveness() const;
    Report readiness() const;
    // As of now, by the gauges.
    void show_readiness() const;

private:
    struct Beating {
        std::string name;
        std::chrono::milliseconds silence_max;
        Heartbeat heartbeat;
    };
    struct Checked {
        std::string name;
        Check check;
        std::chrono::milliseconds settles_within;
        bool is_told = false;  // that it is not well
    };
    struct Answer {
        Result<void> outcome;
        std::chrono::steady_clock::time_point at;
    };

    void run_checks(const std::stop_token& stop);
    static void tell(Checked& checked, const Result<void>& outcome, std::chrono::milliseconds since_start);

    const HealthSettings settings_;
    std::vector<std::unique_ptr<Beating>> beating_;
    std::vector<Checked> checks_;
    std::vector<telemetry::Gauge*> shown_by_;
    // Set once the lists are final: probes ask from another thread, and may do so before.
    std::atomic<bool> started_ = false;
    std::atomic<bool> draining_ = false;
    mutable std::mutex mutex_;
    std::string waits_for_ = "starting";
    std::map<std::string, Answer> answers_;
    std::jthread thread_;
};

}  // namespace tollgate::process
