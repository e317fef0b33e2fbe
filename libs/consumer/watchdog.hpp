// Ends the process when a step takes longer than it may: a handler that hangs would hold up everything behind
// it, and nothing but the end of its process frees what it holds. What it ran is found as begun.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace tollgate::consumer {

class Watchdog {
public:
    // `too_late` is called on a thread of its own; it is not expected to return.
    explicit Watchdog(std::function<void()> too_late);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    // Watches one step, until it goes.
    class Watch {
    public:
        Watch(Watchdog& watchdog, std::chrono::milliseconds longest);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

    private:
        Watchdog& watchdog_;
    };

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    void set(std::optional<SteadyTime> end);
    void run(const std::stop_token& stop);

    const std::function<void()> too_late_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::optional<SteadyTime> end_;
    std::jthread thread_;  // last: it uses all of the above
};

// Says so in the log and ends the process at once, as a crash would.
void end_process(const std::string& consumer, std::chrono::milliseconds longest);

}  // namespace tollgate::consumer
