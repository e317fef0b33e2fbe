// The loop of a consumer: what the subscription brings, what is due of what failed, and a refill where one is
// asked for. One thread; any number of processes.
//
//   const auto since = register_consumer(connection, {.name = "billing", .input = "payment"});
//   Runtime runtime{settings, std::move(subscription), handler, *since, metrics};
//   runtime.run(stop);   // until then, or until an operator must act
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "consumer/due_work.hpp"
#include "consumer/stream_work.hpp"

namespace tollgate::consumer {

struct RuntimeSettings {
    std::string consumer;
    Uuid member = make_uuid_v4();  // of this start of the process
    std::string build;             // told with attempts and dead letters
    postgres::ConnectionSettings connection;
    std::size_t batch_messages_max = 500;
    std::chrono::milliseconds poll_wait{200};  // for something new, before what is due is looked for again
    std::chrono::milliseconds due_every{200};  // when nothing was due
    std::size_t due_rows_max = 100;            // at a time
    // Of a batch, from the first look-up to its commit. A process that takes longer ends itself.
    std::chrono::milliseconds handler_deadline{std::chrono::seconds{20}};
    RetrySettings retries;
    // While it cannot go on: between two tries.
    Backoff pauses{.base = std::chrono::milliseconds{100}, .cap = std::chrono::seconds{5}};
    std::chrono::milliseconds count_every{std::chrono::seconds{5}};
    std::int32_t refill_events = 500;  // looked at in one step
    // After a commit: what follows may have been appended to the journal. May be empty, as the next one.
    std::function<void()> committed{};
    std::function<void()> alive{};  // each time round
};

class Runtime {
public:
    Runtime(RuntimeSettings settings, std::unique_ptr<Subscription> subscription, Handler& handler,
            const Uuid& since, RuntimeMetrics& metrics);

    // Until it is told to stop: what is under way is finished. An error is one that will not pass by itself.
    Result<void> run(const std::stop_token& stop);

    Subscription& subscription() { return *subscription_; }

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    Result<void> step(const std::stop_token& stop);
    Result<void> run_due();
    Result<void> refill_some();
    Result<void> count_rows();
    void tell_trouble(const Error& error);
    void tell_no_trouble();

    const RuntimeSettings settings_;
    RuntimeMetrics& metrics_;
    Line line_;
    Watchdog watchdog_;
    std::unique_ptr<Subscription> subscription_;
    Workshop workshop_;
    StreamWork stream_;
    DueWork due_;
    SteadyTime due_at_;                                        // when rows are looked for next
    SteadyTime refill_at_ = std::chrono::steady_clock::now();  // likewise what is to be refilled
    SteadyTime count_at_;
    bool readable_released_ = false;
    std::string trouble_;  // told once
};

}  // namespace tollgate::consumer
