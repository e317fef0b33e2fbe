// Works off what a subscription brings: one transaction per batch with inbox, effects, what follows from
// them, and the position.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "consumer/batch_size.hpp"
#include "consumer/begun.hpp"
#include "consumer/intake.hpp"
#include "consumer/line.hpp"
#include "consumer/lone_failures.hpp"
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
    // A member that has not said for so long that it is alive is not.
    std::chrono::milliseconds silence;
    std::function<void()> committed;  // what follows may have been appended
    std::function<void()> alive;      // before each try
};

class StreamWork {
public:
    // `since`: the first id that is due.
    StreamWork(const Workshop& workshop, Subscription& subscription, const Uuid& since)
        : shop_{workshop}, subscription_{subscription}, since_{since} {}

    // All of the batch; at a stop, or when it takes long, its beginning. An error is nobody's fault. What is
    // not done comes again.
    Result<void> run(const Batch& batch, const std::stop_token& stop);

private:
    Result<void> look_for_left_open();
    std::int32_t crashes_of(const Item& item) const;
    void forget(const Task& task);
    Result<void> condemn_if_due(Item& item);
    Result<void> run_items(const Batch& batch, std::vector<Item>& items, const std::stop_token& stop);
    Result<void> run_one_by_one(const Batch& batch, std::vector<Item>& items, const std::stop_token& stop);
    bool is_suspected(const Item& item) const;
    void note_failure(const std::vector<Item>& items);
    std::optional<Fault> fault_of_repeats(const Error& error, std::span<const Item> items, const Item& item);
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
    BatchSize size_;
    // A batch that fails while the server answers, again and again: by its first message.
    Uuid failing_from_;
    int failures_ = 0;
    LoneFailures alone_;
    // Of the try at hand.
    struct Tally {
        std::size_t done = 0, retried = 0, held = 0, died = 0, duplicates = 0;
    } tally_;
};

}  // namespace tollgate::consumer
