// From where a source's requests were verified lately. It is noted for every good request, so it takes no
// lock: a table of a fixed size, in which a newer one may take an older one's place.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tollgate::ingress {

class KnownSenders {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit KnownSenders(std::chrono::minutes known_for) : known_for_{known_for}, slots_(slot_count) {}

    // By a good hash of address and source.
    void note(std::uint64_t sender, TimePoint now) {
        std::atomic<std::uint64_t>& slot = slots_[sender % slot_count];
        const std::uint64_t noted = entry(sender, now);
        // Most often it is there already: not to write is to leave other threads their cache.
        if (slot.load(std::memory_order_relaxed) != noted) slot.store(noted, std::memory_order_relaxed);
    }

    bool knows(std::uint64_t sender, TimePoint now) const {
        const std::uint64_t noted = slots_[sender % slot_count].load(std::memory_order_relaxed);
        const std::uint64_t current = entry(sender, now);
        return noted / minutes_end == current / minutes_end && noted % minutes_end != 0 &&
               current % minutes_end - noted % minutes_end <= static_cast<std::uint64_t>(known_for_.count());
    }

private:
    // Half a megabyte in all.
    static constexpr std::size_t slot_count = 65'536;
    static constexpr std::uint64_t minutes_end = std::uint64_t{1} << 24U;

    // The upper bits of the hash, and the minute; never 0, which is nobody.
    static std::uint64_t entry(std::uint64_t sender, TimePoint now) {
        const auto minute = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count() + 1;
        return sender / minutes_end * minutes_end + static_cast<std::uint64_t>(minute) % minutes_end;
    }

    const std::chrono::minutes known_for_;
    std::vector<std::atomic<std::uint64_t>> slots_;
};

}  // namespace tollgate::ingress
