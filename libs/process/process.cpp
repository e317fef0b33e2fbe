#include "process/process.hpp"

#include <array>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/units.hpp"
#include "process/probes.hpp"
#include "process/version.hpp"
#include "telemetry/log.hpp"

namespace tollgate::process {

namespace log = telemetry::log;

namespace {

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

// Blocked here and so in every later thread: only run() sees them. A write to a closed socket is an error of
// that write and not the end of the process.
int catch_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    const sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const int fd = signalfd(-1, &signals, SFD_CLOEXEC);
    if (fd < 0) throw std::runtime_error{"the system gives no signalfd"};
    return fd;
}

void configure_log(const ProcessConfig& config) {
    const auto level = log::parse_level(config.log_level);
    if (!level) throw std::runtime_error{level.error().detail};
    if (config.log_format != "auto" && config.log_format != "json" && config.log_format != "readable") {
        throw std::runtime_error{
            fmt::format("log.format \"{}\" is none of auto, json and readable", config.log_format)};
    }
    const log::Format format = config.log_format == "auto"   ? log::format_for_stderr()
                               : config.log_format == "json" ? log::Format::json
                                                             : log::Format::readable;
    log::configure({.service = config.service, .level = *level, .format = format});
}

}  // namespace

void ProcessConfig::declare(Settings& settings) {
    settings.add("log.level", log_level, "debug, info, warning or error");
    settings.add("log.format", log_format, "json, readable, or auto: readable on a terminal");
    settings.add("probes.address", probes_address, "where probes and metrics listen");
    settings.add("probes.port", probes_port, "port of /healthz/live, /healthz/ready and /metrics");
    settings.add("probes.drain_max", drain_max, "how long stopping may take");
}

Process::Process(const ProcessConfig& config)
    : config_{config},
      signal_fd_{catch_signals()},
      failure_fd_{eventfd(0, EFD_CLOEXEC)},
      metrics_{config.service} {
    if (failure_fd_ < 0) throw std::runtime_error{"the system gives no eventfd"};
    configure_log(config_);
    metrics_.gauge("build_info", "1, with the version of the program", {{"version", std::string{version()}}})
        .Set(1);
    probes_ = std::make_unique<Probes>(config_, health_, metrics_);
}

Process::~Process() {
    drain_watch_.request_stop();
    if (drain_watch_.joinable()) drain_watch_.join();
    probes_.reset();
    close(failure_fd_);
    close(signal_fd_);
    log::info("stopped");
}

Exit Process::run() {
    health_.start();
    log::info("started", {{"version", version()}, {"probes", probes_->address()}});
    while (!told_to_stop_within(std::chrono::hours{1})) {
    }
    begin_drain();
    const std::lock_guard lock{mutex_};
    if (!failure_) return Exit::done;
    log::error("cannot go on", {{"error", *failure_}});
    return Exit::failed;
}

bool Process::told_to_stop_within(std::chrono::milliseconds pause) {
    std::array<pollfd, 2> sources{pollfd{.fd = signal_fd_, .events = POLLIN, .revents = 0},
                                  pollfd{.fd = failure_fd_, .events = POLLIN, .revents = 0}};
    return poll(sources.data(), sources.size(), static_cast<int>(pause.count())) > 0;
}

void Process::begin_drain() {
    log::info("stopping", {{"drain_max", to_text(config_.drain_max)}});
    health_.begin_drain();
    stop_.request_stop();
    drain_watch_ = std::jthread{[budget = config_.drain_max, fd = signal_fd_](const std::stop_token& stop) {
        // The signal that began the drain is still in the descriptor: take it, so that the next is the
        // second.
        signalfd_siginfo first{};
        pollfd signal{.fd = fd, .events = POLLIN, .revents = 0};
        if (poll(&signal, 1, 0) == 1 && read(fd, &first, sizeof first) < 0) return;
        const auto end = std::chrono::steady_clock::now() + budget;
        while (!stop.stop_requested()) {
            constexpr int look_every_ms = 50;
            const bool second = poll(&signal, 1, look_every_ms) == 1;
            if (!second && std::chrono::steady_clock::now() < end) continue;
            log::error(second ? "stopped by a second signal in the middle of the drain"
                              : "the drain took too long: what was under way is left to the next start");
            std::_Exit(static_cast<int>(Exit::failed));
        }
    }};
}

void Process::fail_with(const Error& error) {
    {
        const std::lock_guard lock{mutex_};
        if (!failure_) failure_ = error;
    }
    const std::uint64_t one = 1;
    if (write(failure_fd_, &one, sizeof one) < 0) std::abort();  // an eventfd takes 2^64 of them
}

}  // namespace tollgate::process
