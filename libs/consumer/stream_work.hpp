// Works off what a subscription brings: one transaction per batch with inbox, effects, what follows from
// them, and the position.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "consumer/begun.hpp"
#include "consumer/intake.hpp"
#include "consumer/line.hpp"
#include "consumer/runtime_metrics.hpp"
#include "consumer/split.hpp"
#include "consumer/subscription.hpp"
#include "consumer/watchdog.hpp"

namespace tollgate::consumer {

// What both kinds of work, new messages and rows that are due, are done with.
struct Workshop {
    Worker worker;
    Handler& handler;
    RetrySettings retries;
    std::chrono::milliseconds deadline;  // of a batch, from `prepare` to its commit
    Line& line;                          // beside the subscription's
    Watchdog& watchdog;
    RuntimeMetrics& metrics;
    std::function<void()> committed;  // what follows may have been appended
};

class StreamWork {
public:
    // `since`: the first id that is due.
    StreamWork(const Workshop& workshop, Subscription& subscription, const Uuid& since)
        : shop_{workshop}, subscription_{subscription}, since_{since} {}

    // All of the batch, or an error that is nobody's fault: then it comes again.
    Result<void> run(const Batch& batch);

private:
    Result<void> look_for_left_open();
    std::int32_t crashes_of(const Item& item) const;
    Result<void> run_items(const Batch& batch, std::vector<Item>& items);
    Handled<void> attempt(const Batch& batch, std::span<const Item> items, Range range);
    Result<void> settle_alone(const Batch& batch, std::span<Item> items, std::size_t index,
                              const Fault& fault);
    Handled<void> commit(const Batch& batch, std::span<const Item> items, Range range);
    Handled<void> apply(postgres::Transaction& tx, std::span<const Item> items);
    Result<void> prepare_handler(std::span<const Task> tasks, std::optional<Fault>& fault);
    void count(std::span<const Item> items);

    const Workshop& shop_;
    Subscription& subscription_;
    const Uuid since_;
    Days days_;
    std::uint64_t takings_seen_ = 0;
    LeftOpen left_open_;
    // Of the try at hand.
    struct Tally {
        std::size_t done = 0, retried = 0, held = 0, died = 0, duplicates = 0;
    } tally_;
};

}  // namespace tollgate::consumer
