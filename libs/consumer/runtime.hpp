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
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

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
    std::function<void()> alive{};  // each time round, and before each try
    // Now and then: whether this process still reads what it should; `misconfigured` ends it.
    std::function<Result<void>()> still_right{};
    // A member that has told no sign of life for so long has ended.
    std::chrono::milliseconds silence{std::chrono::seconds{10}};
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

    // What is done beside the stream, now and then.
    struct Duty {
        std::string_view name;
        SteadyTime at = std::chrono::steady_clock::now();
        std::uint32_t failures = 0;
    };

    Result<void> work_stream(const std::stop_token& stop);
    void do_duties(const std::stop_token& stop);
    template <typename What>
    void do_duty(Duty& duty, std::chrono::milliseconds every, const What& what);
    // Each with the line ready; true where there is more to do at once.
    Result<bool> keep_alive();
    Result<bool> run_due(const std::stop_token& stop);
    Result<bool> carry_on_replays();
    Result<bool> refill_some();
    Result<bool> count_rows();
    Result<bool> analyze_outgrown();
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
    Duty alive_{.name = "tell that it lives"};
    Duty replays_{.name = "carry on replays"};
    Duty rows_{.name = "run what is due"};
    Duty refill_{.name = "refill"};
    Duty counts_{.name = "count"};
    Duty outgrown_{.name = "analyze what has outgrown its statistics"};
    bool rests_ = false;          // the stream brought nothing
    bool hurries_ = false;        // a replay goes on: the stream is looked at, and not waited for
    std::optional<Error> fatal_;  // that will not pass by itself
    bool readable_released_ = false;
    std::string trouble_;  // told once
};

}  // namespace tollgate::consumer
