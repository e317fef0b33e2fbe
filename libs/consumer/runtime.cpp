#include "consumer/runtime.hpp"

#include <utility>

#include "consumer/registration.hpp"
#include "core/pause.hpp"
#include "telemetry/log.hpp"

namespace tollgate::consumer {

namespace {

namespace log = telemetry::log;
using std::chrono::steady_clock;

constexpr std::chrono::seconds refill_looked_for_every{1};
constexpr std::chrono::seconds refill_waits_at_most{10};

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
          .committed = settings_.committed},
      stream_{workshop_, *subscription_, since},
      due_{workshop_} {}

Result<void> Runtime::run(const std::stop_token& stop) {
    std::uint32_t failures = 0;
    while (!stop.stop_requested()) {
        if (settings_.alive) settings_.alive();
        const auto stepped = step(stop);
        if (stepped) {
            failures = 0;
            tell_no_trouble();
            continue;
        }
        tell_trouble(stepped.error());
        if (is_for_good(stepped.error().code)) return stepped;
        pause(settings_.pauses.ceiling(++failures), stop);
    }
    return {};
}

Result<void> Runtime::step(const std::stop_token& stop) {
    const auto batch = subscription_->poll(settings_.batch_messages_max, settings_.poll_wait, stop);
    if (!batch) return std::unexpected{batch.error()};
    metrics_.reading.Set(subscription_->is_reading() ? 1 : 0);
    if (!batch->messages.empty()) {
        if (const auto& id = batch->messages.front().id) {
            const std::chrono::duration<double> age = SystemClock{}.now() - time_of(*id);
            metrics_.oldest_age.Set(age.count());
        }
        if (const auto done = stream_.run(*batch); !done) return done;
    } else {
        metrics_.oldest_age.Set(0);
    }
    if (!subscription_->is_reading()) return {};
    if (const auto run = run_due(); !run) return run;
    // What comes by itself need not come twice: a refill waits until the stream rests, though not for ever.
    const bool rests = batch->messages.empty();
    if (rests || steady_clock::now() >= refill_at_ + refill_waits_at_most) {
        if (const auto refilled = refill_some(); !refilled) return refilled;
    }
    return count_rows();
}

Result<void> Runtime::run_due() {
    if (steady_clock::now() < due_at_) return {};
    if (!std::exchange(readable_released_, true)) {
        const auto line = line_.ready();
        const auto released = line ? release_readable(**line, settings_.consumer)
                                   : Result<std::int64_t>{std::unexpected{line.error()}};
        if (!released) {
            readable_released_ = false;
            return std::unexpected{released.error()};
        }
    }
    const auto ran = due_.run_some(settings_.due_rows_max);
    if (!ran) return std::unexpected{ran.error()};
    if (*ran == 0) due_at_ = steady_clock::now() + settings_.due_every;
    return {};
}

Result<void> Runtime::refill_some() {
    if (steady_clock::now() < refill_at_) return {};
    const auto line = line_.ready();
    if (!line) return std::unexpected{line.error()};
    const auto refilled = refill(**line, settings_.consumer, settings_.refill_events);
    if (!refilled) return std::unexpected{refilled.error()};
    refill_at_ = steady_clock::now() + (refilled->ended ? refill_looked_for_every : std::chrono::seconds{0});
    if (refilled->appended > 0) {
        metrics_.refilled.Increment(refilled->appended);
        if (settings_.committed) settings_.committed();
        log::info("stored events come again",
                  {{"consumer", settings_.consumer}, {"events", refilled->appended}});
    }
    return {};
}

Result<void> Runtime::count_rows() {
    if (steady_clock::now() < count_at_) return {};
    count_at_ = steady_clock::now() + settings_.count_every;
    const auto lag = subscription_->lag();
    if (!lag) return std::unexpected{lag.error()};
    metrics_.lag.Set(static_cast<double>(*lag));
    const auto line = line_.ready();
    if (!line) return std::unexpected{line.error()};
    return postgres::transact(**line, [&](postgres::Transaction& tx) {
        const auto counts =
            tx.execute(
                  "select count(*) filter (where state = 'retrying'), count(*) filter (where state = "
                  "'held'), "
                  "count(*) filter (where state = 'dead'), "
                  "coalesce(extract(epoch from clock_timestamp() - min(since) filter (where state = "
                  "'retrying')), 0)::bigint from consumer.work where consumer = $1",
                  settings_.consumer)
                .only()
                .as<std::int64_t, std::int64_t, std::int64_t, std::int64_t>();
        metrics_.rows_retrying.Set(static_cast<double>(std::get<0>(counts)));
        metrics_.rows_held.Set(static_cast<double>(std::get<1>(counts)));
        metrics_.rows_dead.Set(static_cast<double>(std::get<2>(counts)));
        metrics_.oldest_retry_age.Set(static_cast<double>(std::get<3>(counts)));
    });
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
