// The frame of every long-running program: logs, signals, probes and metrics on a port of their own, and an
// end that is either clean or, when the drain takes too long, forced.
//
//   process::Process process{config};      // first: it blocks the signals before there is a second thread
//   postgres::Pool database{...};          // what is constructed later is stopped earlier
//   process.health().ready_when("database", ...);
//   return process.run();                  // until SIGTERM or SIGINT, then the destructors drain
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/result.hpp"
#include "process/command_line.hpp"
#include "process/health.hpp"
#include "process/settings.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::process {

struct ProcessConfig {
    std::string service;  // "relay": in logs and in the names of metrics
    std::string log_level = "info";
    std::string log_format = "auto";  // json, readable, or by whether stderr is a terminal
    std::string probes_address = "127.0.0.1";
    std::uint16_t probes_port = 0;
    std::chrono::milliseconds drain_max{std::chrono::seconds{30}};

    // The settings [log] and [probes] that every service has.
    void declare(Settings& settings);
};

class Process {
public:
    // Throws std::runtime_error when the probes' port cannot be had: a process that nobody can probe is not
    // started.
    explicit Process(ProcessConfig config);
    // Everything that was constructed after it has been stopped by now; ends the probes last.
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    Health& health() { return health_; }
    telemetry::Metrics& metrics() { return metrics_; }

    // Serves until a signal or a failure. Whatever comes after the first signal, also one that came before,
    // must be done within drain_max; after that, or at a second signal, the process ends as it is.
    Exit run();

    // For what waits before run(): true as soon as a signal or a failure asks for the end.
    bool told_to_stop_within(std::chrono::milliseconds pause);

    // A component that cannot go on ends the process, from any thread: somebody outside restarts it.
    void fail_with(const Error& error);

private:
    class Probes;

    void watch();
    void tell_to_stop();
    void wake_watch() const;

    const ProcessConfig config_;
    int signal_fd_;
    int wake_fd_;
    std::mutex mutex_;
    std::condition_variable told_;
    bool told_to_stop_ = false;
    bool ended_ = false;
    std::optional<Error> failure_;
    telemetry::Metrics metrics_;
    Health health_;
    std::unique_ptr<Probes> probes_;
    std::thread watch_;
};

}  // namespace tollgate::process
