#include "support/wait.hpp"

#include <condition_variable>
#include <mutex>

namespace tollgate::test {

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
    // Nobody signals it: the timed wait is the interval between two looks.
    std::mutex mutex;
    std::condition_variable never;
    const auto end = std::chrono::steady_clock::now() + deadline;
    std::unique_lock lock{mutex};
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        never.wait_for(lock, std::chrono::milliseconds{2});
    }
    return true;
}

}  // namespace tollgate::test
