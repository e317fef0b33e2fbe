#include "process/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
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

// This thread and all later ones: work that has just come waits until whoever runs has had his turn, some
// milliseconds at most and only where no processor is free. Otherwise an answer that is being written is
// interrupted by whom it wakes, and the batches that would save the database work stay small
// (deploy/decisions/0007).
void let_others_finish() {
    // Whoever started it in another way has his reasons.
    if (sched_getscheduler(0) != SCHED_OTHER) return;
    const sched_param no_priority{};
    if (sched_setscheduler(0, SCHED_BATCH, &no_priority) != 0)
        log::warning(
            "the system does not let this process be scheduled as batch work: it does less at its limit",
            {{"error", std::generic_category().message(errno)}});
}

// As far as it may: a connection takes one, and the usual soft limit is meant for programs that wait with
// select().
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        log::warning("the system does not let this process have more descriptors",
                     {{"error", std::generic_category().message(errno)}});
}

void configure_log(const ProcessConfig& config) {
    const auto level = log::parse_level(config.log_level);
    if (!level) throw std::runtime_error{level.error().detail};
    const log::Format format = config.log_format == "auto"   ? log::format_for_stderr()
                               : config.log_format == "json" ? log::Format::json
                                                             : log::Format::readable;
    log::configure({.service = config.service, .level = *level, .format = format});
}

}  // namespace

void ProcessConfig::declare(Settings& settings) {
    settings.add_choice("log.level", log_level, {"debug", "info", "warning", "error"}, "from which level on");
    settings.add_choice("log.format", log_format, {"auto", "json", "readable"},
                        "auto: readable on a terminal");
    settings.add("probes.address", probes_address, "where probes and metrics listen");
    settings.add("probes.port", probes_port, "port of /healthz/live, /healthz/ready and /metrics");
    settings.add("probes.drain_max", drain_max, "how long stopping may take", std::chrono::seconds{1},
                 std::chrono::hours{1});
}

Process::Process(ProcessConfig config)
    : config_{std::move(config)}, signal_fd_{catch_signals()}, wake_fd_{eventfd(0, EFD_CLOEXEC)} {
    if (wake_fd_ < 0) throw std::runtime_error{"the system gives no eventfd"};
    configure_log(config_);
    let_others_finish();
    raise_descriptor_limit();
    metrics_
        .gauge("build_info", "1, with what runs here and its version.",
               {{"service", config_.service}, {"version", std::string{version()}}})
        .Set(1);
    probes_ = std::make_unique<Probes>(config_, health_, metrics_);
    watch_ = std::thread{[this] { watch(); }};
}

Process::~Process() {
    health_.end_checks();
    probes_.reset();
    // The watch goes last: everything before it is under its deadline.
    {
        const std::lock_guard lock{mutex_};
        ended_ = true;
    }
    wake_watch();
    watch_.join();
    close(wake_fd_);
    close(signal_fd_);
    log::info("stopped");
}

Exit Process::run() {
    health_.start();
    log::info("started", {{"version", version()}, {"probes", probes_->address()}});
    {
        std::unique_lock lock{mutex_};
        told_.wait(lock, [this] { return told_to_stop_; });
    }
    log::info("stopping", {{"drain_max", to_text(config_.drain_max)}});
    // What the checks look at is about to go.
    health_.end_checks();
    const std::lock_guard lock{mutex_};
    if (!failure_) return Exit::done;
    log::error("cannot go on", {{"error", *failure_}});
    return Exit::failed;
}

bool Process::told_to_stop_within(std::chrono::milliseconds pause) {
    std::unique_lock lock{mutex_};
    return told_.wait_for(lock, pause, [this] { return told_to_stop_; });
}

void Process::tell_to_stop() {
    health_.begin_drain();
    {
        const std::lock_guard lock{mutex_};
        told_to_stop_ = true;
    }
    told_.notify_all();
}

void Process::fail_with(const Error& error) {
    {
        const std::lock_guard lock{mutex_};
        if (!failure_) failure_ = error;
    }
    tell_to_stop();
    wake_watch();
}

void Process::wake_watch() const {
    const std::uint64_t one = 1;
    if (write(wake_fd_, &one, sizeof one) < 0) std::abort();  // an eventfd takes 2^64 of them
}

void Process::watch() {
    std::array<pollfd, 2> sources{pollfd{.fd = signal_fd_, .events = POLLIN, .revents = 0},
                                  pollfd{.fd = wake_fd_, .events = POLLIN, .revents = 0}};
    std::optional<std::chrono::steady_clock::time_point> deadline;
    for (;;) {
        const auto left =
            deadline
                ? std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now())
                : std::chrono::milliseconds{-1};
        const int ready = deadline && left.count() <= 0
                              ? 0
                              : poll(sources.data(), sources.size(), static_cast<int>(left.count()));
        if (ready < 0) continue;  // interrupted by a debugger, say
        signalfd_siginfo signal{};
        const bool signalled =
            (sources[0].revents & POLLIN) != 0 && read(signal_fd_, &signal, sizeof signal) > 0;
        std::uint64_t woken = 0;
        if ((sources[1].revents & POLLIN) != 0 && read(wake_fd_, &woken, sizeof woken) > 0) {
            const std::lock_guard lock{mutex_};
            if (ended_) return;
        }
        if (deadline && (signalled || ready == 0)) {
            log::error(signalled ? "ended by a signal in the middle of the drain"
                                 : "the drain took too long: what was under way is left to the next start");
            std::_Exit(static_cast<int>(Exit::failed));
        }
        if (!deadline) deadline = std::chrono::steady_clock::now() + config_.drain_max;
        if (signalled) tell_to_stop();
    }
}

}  // namespace tollgate::process
