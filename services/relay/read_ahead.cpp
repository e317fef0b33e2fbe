#include "relay/read_ahead.hpp"

#include <iterator>
#include <utility>

#include "postgres/transaction.hpp"
#include "relay/record_table.hpp"
#include "telemetry/log.hpp"

namespace tollgate::relay {

using postgres::SqlError;
using postgres::Transaction;

namespace {

namespace log = telemetry::log;

// Also of those without a record.
constexpr std::size_t stretches_max = 64;

}  // namespace

ReadAhead::ReadAhead(postgres::Connection& connection, journal::Reader& reader,
                     journal::ReaderIdentity identity, const ReadAheadSettings& settings,
                     kafka::Sequence last_sequence, RelayMetrics& metrics)
    : connection_{connection},
      reader_{reader},
      identity_{std::move(identity)},
      settings_{settings},
      metrics_{metrics},
      saved_sequence_{last_sequence},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

ReadAhead::~ReadAhead() {
    join();
}

void ReadAhead::join() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

Result<std::optional<Stretch>> ReadAhead::take(std::chrono::milliseconds wait) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, wait, [&] { return !ahead_.empty() || failure_; });
    if (ahead_.empty()) {
        if (failure_) return std::unexpected{*failure_};
        return std::nullopt;
    }
    Stretch stretch = std::move(ahead_.front());
    ahead_.pop_front();
    ahead_bytes_ -= stretch.read.bytes;
    lock.unlock();
    changed_.notify_all();
    return stretch;
}

void ReadAhead::report(Progress progress) {
    const std::lock_guard lock{mutex_};
    if (unsaved_) {
        // Those of before are not saved yet either.
        std::ranges::move(progress.refusals, std::back_inserter(unsaved_->refusals));
        progress.refusals = std::move(unsaved_->refusals);
        std::ranges::move(progress.published, std::back_inserter(unsaved_->published));
        progress.published = std::move(unsaved_->published);
    }
    unsaved_ = std::move(progress);
}

Result<void> ReadAhead::finish() {
    join();
    // An entry that this build does not know ends the reading, and nothing else.
    if (failure_ && failure_->code != ErrorCode::misconfigured) return std::unexpected{*failure_};
    return save();
}

void ReadAhead::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto went_on = read_on(stop);
        if (went_on) continue;
        const std::lock_guard lock{mutex_};
        failure_ = went_on.error();
        // Somebody else may have taken over: nothing more is sent.
        if (failure_->code != ErrorCode::misconfigured) ahead_.clear();
        changed_.notify_all();
        return;
    }
}

Result<void> ReadAhead::read_on(const std::stop_token& stop) {
    try {
        if (const auto saved = save_if_due(); !saved) return saved;
        const auto batch = reader_.next(settings_.batch_records_max);
        if (!batch) return std::unexpected{batch.error()};
        if (*batch) return read_events(**batch, stop);
        // No longer than until a position may have to be saved, and a stop is noticed.
        reader_.wait(settings_.save_every);
        return {};
    } catch (const SqlError& error) {
        return std::unexpected{error.error()};
    }
}

Result<void> ReadAhead::read_events(const journal::Batch& batch, const std::stop_token& stop) {
    std::span<const journal::Entry> left{batch.entries};
    if (left.empty()) return hand_over({.read = {}, .after = batch.after}, stop);
    metrics_.batch_records.Observe(static_cast<double>(left.size()));
    while (!left.empty() && !stop.stop_requested()) {
        const auto run = first_run(left);
        if (!run) return std::unexpected{run.error()};
        Stretch stretch{.read = run->read(connection_, run->entries, settings_.bodies), .after = {}};
        if (stretch.read.entries == 0)
            return fail(ErrorCode::internal, "nothing was read for {} entries", run->entries.size());
        const auto last = left[stretch.read.entries - 1].after;
        left = left.subspan(stretch.read.entries);
        stretch.after = left.empty() ? batch.after : last;
        if (const auto handed = hand_over(std::move(stretch), stop); !handed) return handed;
    }
    return {};
}

// Waits for room; meanwhile positions are saved.
Result<void> ReadAhead::hand_over(Stretch stretch, const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    const auto has_room = [&] {
        return ahead_.size() < stretches_max && ahead_bytes_ < settings_.ahead_bytes_max;
    };
    while (!changed_.wait_for(lock, stop, settings_.save_every, has_room)) {
        if (stop.stop_requested()) return {};
        lock.unlock();
        if (const auto saved = save_if_due(); !saved) return saved;
        lock.lock();
    }
    ahead_bytes_ += stretch.read.bytes;
    ahead_.push_back(std::move(stretch));
    lock.unlock();
    changed_.notify_all();
    return {};
}

Result<void> ReadAhead::save_if_due() {
    if (std::chrono::steady_clock::now() < save_at_) return {};
    return save();
}

Result<void> ReadAhead::save() {
    std::optional<Progress> progress;
    {
        const std::lock_guard lock{mutex_};
        progress = std::exchange(unsaved_, std::nullopt);
    }
    if (!progress) return {};
    const SteadyTime began = std::chrono::steady_clock::now();
    const auto saved = transact(connection_, [&](Transaction& tx) {
        for (const journal::Refusal& refusal : progress->refusals) journal::set_aside(tx, identity_, refusal);
        journal::note_published(tx, progress->published);
        reader_.move(tx, progress->position);
    });
    if (!saved) return saved;
    const SteadyTime now = std::chrono::steady_clock::now();
    save_at_ = now + settings_.save_every;
    saved_sequence_ = progress->sequence;
    metrics_.save_seconds.Observe(std::chrono::duration<double>(now - began).count());
    for (const journal::Refusal& refusal : progress->refusals) {
        metrics_.refused.Increment();
        log::error("an entry was set aside in journal.refused: its record is refused for good",
                   {{"tenant", refusal.entry.tenant},
                    {"event_id", refusal.entry.event_id},
                    {"topic", refusal.entry.topic},
                    {"reason", refusal.reason}});
    }
    return {};
}

}  // namespace tollgate::relay
