#include "consumer/runtime.hpp"

#include <utility>

#include "consumer/registration.hpp"
#include "consumer/replay_jobs.hpp"
#include "core/pause.hpp"
#include "telemetry/log.hpp"

namespace tollgate::consumer {

namespace {

namespace log = telemetry::log;
using std::chrono::steady_clock;

constexpr std::chrono::seconds refill_looked_for_every{1};
constexpr std::chrono::seconds replays_looked_for_every{1};
constexpr std::chrono::seconds refill_waits_at_most{1};
constexpr std::chrono::seconds outgrown_looked_for_every{5};
constexpr int rounds_of_rows = 20;
constexpr std::int64_t released_at_once = 1000;

// An operator must act; trying again changes nothing.
bool is_for_good(ErrorCode code) {
    return code == ErrorCode::misconfigured || code == ErrorCode::not_found || code == ErrorCode::internal;
}

}  // namespace

Runtime::Runtime(RuntimeSettings settings, std::unique_ptr<Subscription> subscription, Handler& handler,
                 const Uuid& since, RuntimeMetrics& metrics)
    : settings_{std::move(settings)},
      metrics_{metrics},
      line_{settings_.connection},
      watchdog_{[this] { end_process(settings_.consumer, settings_.handler_deadline); }},
      subscription_{std::move(subscription)},
      workshop_{
          .worker = {.consumer = settings_.consumer, .member = settings_.member, .build = settings_.build},
          .handler = handler,
          .retries = settings_.retries,
          .deadline = settings_.handler_deadline,
          .line = line_,
          .watchdog = watchdog_,
          .metrics = metrics_,
          .silence = settings_.silence,
          .committed = settings_.committed,
          .alive = settings_.alive},
      stream_{workshop_, *subscription_, since},
      due_{workshop_} {}

Result<void> Runtime::run(const std::stop_token& stop) {
    std::uint32_t failures = 0;
    Result<void> ended;
    while (!stop.stop_requested()) {
        if (settings_.alive) settings_.alive();
        const auto streamed = work_stream(stop);
        do_duties(stop);
        if (const auto& fatal = fatal_) {
            ended = std::unexpected{*fatal};
            break;
        }
        if (streamed) {
            failures = 0;
            tell_no_trouble();
            continue;
        }
        tell_trouble(streamed.error());
        pause(settings_.pauses.ceiling(++failures), stop);
    }
    // What is put down as begun is no crash's.
    if (const auto line = line_.ready(); line) static_cast<void>(rest(**line, workshop_.worker));
    metrics_.reading.Set(0);
    metrics_.lag.Set(0);
    return ended;
}

Result<void> Runtime::work_stream(const std::stop_token& stop) {
    const auto batch = subscription_->poll(
        settings_.batch_messages_max, hurries_ ? std::chrono::milliseconds{0} : settings_.poll_wait, stop);
    if (!batch) {
        // Of what the handler does an end of the process changes nothing; of a reader that was retired it
        // does.
        if (is_for_good(batch.error().code)) fatal_ = batch.error();
        return std::unexpected{batch.error()};
    }
    metrics_.reading.Set(subscription_->is_reading() ? 1 : 0);
    rests_ = batch->messages.empty();
    if (rests_) {
        metrics_.oldest_age.Set(0);
        return {};
    }
    if (const auto& id = batch->messages.front().id) {
        const std::chrono::duration<double> age = SystemClock{}.now() - time_of(*id);
        metrics_.oldest_age.Set(age.count());
    }
    return stream_.run(*batch, stop);
}

// Each has its own pause, so that one that fails delays neither the stream nor the others.
void Runtime::do_duties(const std::stop_token& stop) {
    hurries_ = false;
    do_duty(alive_, settings_.silence / 4, [&] { return keep_alive(); });
    if (subscription_->may_run_rows()) {
        do_duty(replays_, replays_looked_for_every, [&] { return carry_on_replays(); });
        do_duty(rows_, settings_.due_every, [&] { return run_due(stop); });
        // What comes by itself need not come twice: a refill waits until the stream rests, though not for
        // ever.
        if (rests_ || steady_clock::now() >= refill_.at + refill_waits_at_most)
            do_duty(refill_, refill_looked_for_every, [&] { return refill_some(); });
    }
    do_duty(counts_, settings_.count_every, [&] { return count_rows(); });
    do_duty(outgrown_, outgrown_looked_for_every, [&] { return analyze_outgrown(); });
}

template <typename What>
void Runtime::do_duty(Duty& duty, std::chrono::milliseconds every, const What& what) {
    if (steady_clock::now() < duty.at) return;
    Result<bool> done = fail(ErrorCode::unavailable, "no connection");
    if (line_.ready()) done = what();
    if (done) {
        duty.failures = 0;
        // At once where there is more to do.
        duty.at = *done ? steady_clock::now() : steady_clock::now() + every;
        return;
    }
    duty.at = steady_clock::now() + every + settings_.pauses.ceiling(++duty.failures);
    log::warning("a consumer's duty failed, and is tried again",
                 {{"consumer", settings_.consumer}, {"duty", duty.name}, {"error", done.error()}});
}

Result<bool> Runtime::keep_alive() {
    const auto told = tell_alive(**line_.ready(), workshop_.worker);
    if (!told) return std::unexpected{told.error()};
    return false;
}

Result<bool> Runtime::run_due(const std::stop_token& stop) {
    if (!readable_released_) {
        const auto released = release_readable(**line_.ready(), settings_.consumer, released_at_once);
        if (!released) return std::unexpected{released.error()};
        readable_released_ = *released < released_at_once;
    }
    // Rows that a crash has left come one at a time; the stream waits for some of them only.
    for (int round = 0; round < rounds_of_rows && !stop.stop_requested(); ++round) {
        const auto ran = due_.run_some(settings_.due_rows_max);
        if (!ran) return std::unexpected{ran.error()};
        if (*ran == 0) return !readable_released_;
    }
    return true;
}

Result<bool> Runtime::carry_on_replays() {
    const auto step = consumer::carry_on_replays(**line_.ready(), settings_.consumer);
    if (!step) return std::unexpected{step.error()};
    hurries_ = step->started > 0;
    if (hurries_) rows_.at = steady_clock::now();
    return step->open > 0;
}

Result<bool> Runtime::refill_some() {
    const auto refilled = refill(**line_.ready(), settings_.consumer, settings_.refill_events);
    if (!refilled) return std::unexpected{refilled.error()};
    if (refilled->appended > 0) {
        metrics_.refilled.Increment(refilled->appended);
        if (settings_.committed) settings_.committed();
        log::info("stored events come again",
                  {{"consumer", settings_.consumer}, {"events", refilled->appended}});
    }
    return !refilled->ended;
}

Result<bool> Runtime::analyze_outgrown() {
    return postgres::transact(**line_.ready(), [](postgres::Transaction& tx) {
        return tx.execute("select consumer.analyze_outgrown()").only().get<bool>(0);
    });
}

// Of states that may hold millions of rows no more than can be counted in a moment.
Result<bool> Runtime::count_rows() {
    if (settings_.still_right) {
        if (const auto right = settings_.still_right(); !right) {
            if (right.error().code == ErrorCode::misconfigured) fatal_ = right.error();
            return std::unexpected{right.error()};
        }
    }
    const auto lag = subscription_->lag();
    if (!lag) return std::unexpected{lag.error()};
    metrics_.lag.Set(static_cast<double>(*lag));
    const auto counted = postgres::transact(**line_.ready(), [&](postgres::Transaction& tx) {
        const auto rows_in = [&](std::string_view state) {
            return static_cast<double>(
                tx.execute(
                      "select count(*) from (select from consumer.work where consumer = $1 and state = $2 "
                      "limit 100000) w",
                      settings_.consumer, state)
                    .only()
                    .get<std::int64_t>(0));
        };
        metrics_.rows_retrying.Set(rows_in("retrying"));
        metrics_.rows_held.Set(rows_in("held"));
        metrics_.rows_dead.Set(rows_in("dead"));
        metrics_.replays_outstanding.Set(static_cast<double>(
            tx.execute(
                  "select count(*) from (select cause from consumer.work where consumer = $1 and state = "
                  "'retrying' limit 100000) w where cause = 'replay'",
                  settings_.consumer)
                .only()
                .get<std::int64_t>(0)));
        metrics_.oldest_retry_age.Set(static_cast<double>(
            tx.execute("select coalesce(extract(epoch from clock_timestamp() - min(since)), 0)::bigint from "
                       "(select since from consumer.work where consumer = $1 and state = 'retrying' limit "
                       "100000) w",
                       settings_.consumer)
                .only()
                .get<std::int64_t>(0)));
    });
    if (!counted) return std::unexpected{counted.error()};
    return false;
}

void Runtime::tell_trouble(const Error& error) {
    metrics_.failing.Set(1);
    if (std::exchange(trouble_, error.text()) == error.text()) return;
    log::warning("a consumer cannot go on, and tries again",
                 {{"consumer", settings_.consumer}, {"error", error}});
}

void Runtime::tell_no_trouble() {
    if (trouble_.empty()) return;
    trouble_.clear();
    metrics_.failing.Set(0);
    log::info("a consumer goes on", {{"consumer", settings_.consumer}});
}

}  // namespace tollgate::consumer
