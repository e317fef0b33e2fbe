#include "consumer/watchdog.hpp"

#include <cstdlib>

#include "telemetry/log.hpp"

namespace tollgate::consumer {

namespace {

// EX_SOFTWARE: a supervisor starts it again.
constexpr int exit_code = 70;

}  // namespace

Watchdog::Watchdog(std::function<void()> too_late)
    : too_late_{std::move(too_late)}, thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Watchdog::~Watchdog() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

Watchdog::Watch::Watch(Watchdog& watchdog, std::chrono::milliseconds longest) : watchdog_{watchdog} {
    watchdog_.set(std::chrono::steady_clock::now() + longest);
}

Watchdog::Watch::~Watch() {
    watchdog_.set(std::nullopt);
}

void Watchdog::set(std::optional<SteadyTime> end) {
    const std::lock_guard lock{mutex_};
    // The thread looks again when the end that it waits for has come; it needs to be told of the first alone.
    const bool wakes = !end_ && end;
    end_ = end;
    if (wakes) changed_.notify_one();
}

void Watchdog::run(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    while (!stop.stop_requested()) {
        if (!end_) {
            changed_.wait(lock, stop, [&] { return end_.has_value(); });
            continue;
        }
        const SteadyTime end = *end_;
        changed_.wait_until(lock, stop, end, [] { return false; });
        if (stop.stop_requested() || !end_ || std::chrono::steady_clock::now() < *end_) continue;
        end_.reset();
        lock.unlock();
        too_late_();
        lock.lock();
    }
}

void end_process(const std::string& consumer, std::chrono::milliseconds longest) {
    telemetry::log::error(
        "a batch took longer than its handler may: the process ends, and the messages are run one by one",
        {{"consumer", consumer}, {"longest_ms", longest.count()}});
    std::_Exit(exit_code);
}

}  // namespace tollgate::consumer
