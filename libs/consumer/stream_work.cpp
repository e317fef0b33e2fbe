#include "consumer/stream_work.hpp"

#include <algorithm>
#include <utility>

#include "consumer/inbox.hpp"
#include "consumer/trial.hpp"
#include "core/clock.hpp"
#include "postgres/error.hpp"
#include "telemetry/log.hpp"

namespace tollgate::consumer {

namespace {

namespace log = telemetry::log;
using postgres::Transaction;

// How often a batch fails as a whole, while the server answers, before its messages are run one by one; and
// how often one of them alone, before it is taken to be its own doing.
constexpr int failures_together = 5;
constexpr int failures_alone = 10;
// The loop has other things to do, and probes to answer.
constexpr std::chrono::seconds one_by_one_at_most{15};

Error stopped() {
    return {ErrorCode::unavailable, "it was told to stop"};
}

std::vector<Task> for_handler(std::span<const Item> items) {
    std::vector<Task> tasks;
    tasks.reserve(items.size());
    for (const Item& item : items) {
        if (item.is_for_handler()) tasks.push_back(item.task);
    }
    return tasks;
}

std::vector<Uuid> ids_of(std::span<const Task> tasks) {
    std::vector<Uuid> ids;
    ids.reserve(tasks.size());
    for (const Task& task : tasks) ids.push_back(task.id);
    return ids;
}

}  // namespace

Result<void> StreamWork::run(const Batch& batch, const std::stop_token& stop) {
    const auto began = std::chrono::steady_clock::now();
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    if (const auto looked = look_for_left_open(); !looked) return looked;
    const Timestamp now = SystemClock{}.now();
    auto items = take_in(batch.messages, since_, now);
    if (const auto there = days_.prepare_for(**line, items, now); !there) return there;
    const auto done = run_items(batch, items, stop);
    if (!done) {
        days_.forget();
        shop_.metrics.repeats.Increment();
        note_failure(items);
        return done;
    }
    failures_ = 0;
    shop_.metrics.batch_messages.Observe(static_cast<double>(items.size()));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    shop_.metrics.batch_seconds.Observe(took.count());
    return {};
}

// Counted only if the server answers right after it: a server that is away is no sign of what a message does.
void StreamWork::note_failure(const std::vector<Item>& items) {
    const auto line = shop_.line.ready();
    if (!line || !rest(**line, shop_.worker)) return;
    if (std::exchange(failing_from_, items.front().task.id) != items.front().task.id) failures_ = 0;
    ++failures_;
}

// Only after something came to us: whoever had it may have ended on one of these messages.
Result<void> StreamWork::look_for_left_open() {
    if (takings_seen_ == subscription_.takings()) return {};
    const std::uint64_t takings = subscription_.takings();
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    auto open = left_open(**line, shop_.worker, shop_.silence);
    if (!open) return std::unexpected{open.error()};
    // What others have begun with since and not ended is in it too.
    left_open_ = std::move(*open);
    takings_seen_ = takings;
    return {};
}

void StreamWork::forget(const Task& task) {
    left_open_.erase(task.id);
    alone_.forget(task.id);
}

std::int32_t StreamWork::crashes_of(const Item& item) const {
    const auto found = left_open_.find(item.task.id);
    return found == left_open_.end() ? 0 : found->second.crashes;
}

bool StreamWork::is_suspected(const Item& item) const {
    return item.is_for_handler() && left_open_.contains(item.task.id);
}

Result<void> StreamWork::run_items(const Batch& batch, std::vector<Item>& items,
                                   const std::stop_token& stop) {
    const bool fails_as_one = failures_ >= failures_together && failing_from_ == items.front().task.id;
    if (fails_as_one || std::ranges::any_of(items, [&](const Item& item) { return is_suspected(item); }))
        return run_one_by_one(batch, items, stop);
    // The rest comes again.
    return split_until_done(
        {0, size_.of(items.size(), std::chrono::steady_clock::now())},
        [&](Range range) -> Handled<void> {
            if (range.begin > 0 && stop.stop_requested())
                return std::unexpected{Failure{stopped(), std::nullopt}};
            return attempt(batch, items, range);
        },
        [&](std::size_t index, const Fault& fault) { return settle_alone(batch, items, index, fault); });
}

Result<void> StreamWork::run_one_by_one(const Batch& batch, std::vector<Item>& items,
                                        const std::stop_token& stop) {
    const auto end = std::chrono::steady_clock::now() + one_by_one_at_most;
    for (std::size_t i = 0; i < items.size(); ++i) {
        // Each that was done stays done, and the rest comes again.
        if (i > 0 && (stop.stop_requested() || std::chrono::steady_clock::now() > end)) return {};
        if (const auto settled = condemn_if_due(items[i]); !settled) return settled;
        const auto done = split_until_done(
            {i, i + 1}, [&](Range range) { return attempt(batch, items, range); },
            [&](std::size_t index, const Fault& fault) { return settle_alone(batch, items, index, fault); });
        if (!done) return done;
    }
    return {};
}

// Not while the last of those members may be alive and only slow: it has lost what it read from, and its own
// end is what would condemn.
Result<void> StreamWork::condemn_if_due(Item& item) {
    if (!is_suspected(item)) return {};
    const std::int32_t crashes = crashes_of(item);
    if (crashes >= crashes_max && left_open_.at(item.task.id).may_be_alive) {
        takings_seen_ = 0;  // to be looked at again
        return fail(ErrorCode::contended, "message {} is another member's, which may be at work on it yet",
                    item.task.id);
    }
    shop_.metrics.crashes.Increment();
    if (crashes >= crashes_max) item.verdict = condemned(crashes);
    return {};
}

// One that fails alone and again, while the server answers, is at fault: by what it takes, it may be.
std::optional<Fault> StreamWork::fault_of_repeats(const Error& error, std::span<const Item> items,
                                                  const Item& item) {
    if (!may_be_its_own(error.code)) return std::nullopt;
    const auto line = shop_.line.ready();
    if (!line || !rest(**line, shop_.worker)) return std::nullopt;
    const auto alone = alone_.failed(item.task.id, shop_.metrics.done.Value());
    if (alone.is_slow(error.code) &&
        (alone.others_were_done || (left_open_.empty() && another_goes_through(shop_, items, item))))
        return Fault{fmt::format("{} (alone, {} times, and others go through)", error.text(), alone.times)};
    if (failures_ < failures_alone || item.task.id != failing_from_) return std::nullopt;
    return Fault{fmt::format("{} (alone, {} times)", error.text(), failures_ + 1)};
}

Handled<void> StreamWork::attempt(const Batch& batch, std::span<const Item> items, Range range) {
    const auto ours = items.subspan(range.begin, range.size());
    const auto tasks = for_handler(ours);
    const auto failed = [](Error error) { return std::unexpected{Failure{std::move(error), std::nullopt}}; };
    if (shop_.alive) shop_.alive();
    if (!tasks.empty()) {
        const auto line = shop_.line.ready();
        if (!line) return failed(line.error());
        const std::int32_t crashes = ours.size() == 1 ? crashes_of(ours.front()) : 0;
        if (const auto begun = begin_with(**line, shop_.worker, ids_of(tasks), crashes); !begun)
            return failed(begun.error());
    }
    std::optional<Watchdog::Watch> watch{std::in_place, shop_.watchdog, shop_.deadline};
    std::optional<Fault> fault;
    if (const auto prepared = prepare_handler(tasks, fault); !prepared)
        return std::unexpected{Failure{prepared.error(), fault}};
    auto committed = commit(batch, items, range);
    watch.reset();
    if (committed) {
        for (const Task& task : tasks) forget(task);
        return committed;
    }
    size_.failed(committed.error().error.code, range.size(), std::chrono::steady_clock::now());
    auto& fault_of_it = committed.error().fault;
    if (!fault_of_it && range.size() == 1)
        fault_of_it = fault_of_repeats(committed.error().error, items, ours.front());
    if (fault_of_it && range.size() > 1) shop_.metrics.splits.Increment();
    return committed;
}

// Without those that are done: their look-ups would be for nothing.
Result<void> StreamWork::prepare_handler(std::span<const Task> tasks, std::optional<Fault>& fault) {
    if (tasks.empty() || !shop_.handler.prepares()) return {};
    const auto end = std::chrono::steady_clock::now() + shop_.deadline / 2;
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    const auto done = known(**line, shop_.worker, tasks);
    if (!done) return std::unexpected{done.error()};
    std::vector<Task> open{tasks.begin(), tasks.end()};
    std::erase_if(open, [&](const Task& task) { return done->contains(task.id); });
    const auto prepared = prepare(shop_.handler, open, end);
    if (prepared) return {};
    fault = prepared.error().fault;
    return std::unexpected{prepared.error().error};
}

// Up to the end of the range: what is before it was committed.
Handled<void> StreamWork::commit(const Batch& batch, std::span<const Item> items, Range range) {
    std::optional<Fault> fault;
    std::string sqlstate;
    const auto committed = subscription_.commit(batch, range.end, [&](Transaction& tx) -> Result<void> {
        tally_ = {};
        try {
            auto applied = apply(tx, items.subspan(range.begin, range.size()));
            if (applied) return {};
            fault = std::move(applied.error().fault);
            return std::unexpected{std::move(applied.error().error)};
        } catch (const postgres::SqlError& error) {
            sqlstate = error.sqlstate();
            throw;
        }
    });
    if (committed) {
        count(items.subspan(range.begin, range.size()));
        shop_.handler.committed();
        if (shop_.committed) shop_.committed();
        return {};
    }
    if (!fault) fault = fault_of_commit(committed.error(), sqlstate);
    return std::unexpected{Failure{committed.error(), std::move(fault)}};
}

Handled<void> StreamWork::apply(Transaction& tx, std::span<const Item> items) {
    std::vector<Task> claimable;
    for (const Item& item : items) {
        if (!item.passed_over && !item.without_inbox) claimable.push_back(item.task);
    }
    const auto won = claim(tx, shop_.worker, claimable);
    tally_.duplicates = claimable.size() - won.size();
    auto tasks = for_handler(items);
    std::erase_if(tasks, [&](const Task& task) { return !won.contains(task.id); });
    const auto outcomes = consumer::apply(shop_.handler, tx, tasks);
    if (!outcomes) return std::unexpected{outcomes.error()};
    const auto keep = [&](const Task& task, const Verdict& verdict) {
        if (!put_aside(tx, shop_.worker, task, verdict)) return;
        tally_.retried += verdict.state == WorkState::retrying ? 1 : 0;
        tally_.held += verdict.state == WorkState::held ? 1 : 0;
        tally_.died += verdict.state == WorkState::dead ? 1 : 0;
    };
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto verdict = verdict_on((*outcomes)[i], shop_.retries, tasks[i].attempt, {});
        if (verdict) {
            keep(tasks[i], *verdict);
        } else {
            ++tally_.done;
        }
    }
    for (const Item& item : items) {
        if (item.verdict && (item.without_inbox || won.contains(item.task.id)))
            keep(item.task, *item.verdict);
    }
    end_of_begun(tx, shop_.worker);
    return {};
}

Result<void> StreamWork::settle_alone(const Batch& batch, std::span<Item> items, std::size_t index,
                                      const Fault& fault) {
    Item& item = items[index];
    // Only a failure of our own is left then: it is not told twice.
    if (item.verdict)
        return fail(ErrorCode::internal, "message {} cannot be put aside: {}", item.task.id, fault.reason);
    item.verdict = fault.rejected ? dead(fault.reason)
                                  : after_failure(shop_.retries, item.task.attempt, {}, {}, fault.reason);
    log::warning("a message was not done", {{"consumer", shop_.worker.consumer},
                                            {"event_id", item.task.id},
                                            {"place", text(item.task.message->place)},
                                            {"dead", item.verdict->state == WorkState::dead},
                                            {"reason", item.verdict->reason}});
    const auto settled = commit(batch, items, {index, index + 1});
    if (!settled) return std::unexpected{settled.error().error};
    forget(item.task);
    return {};
}

void StreamWork::count(std::span<const Item> items) {
    RuntimeMetrics& metrics = shop_.metrics;
    metrics.done.Increment(static_cast<double>(tally_.done));
    metrics.retried.Increment(static_cast<double>(tally_.retried));
    metrics.held.Increment(static_cast<double>(tally_.held));
    metrics.died.Increment(static_cast<double>(tally_.died));
    const auto passed = std::ranges::count_if(items, &Item::passed_over);
    metrics.duplicates.Increment(static_cast<double>(tally_.duplicates + static_cast<std::size_t>(passed)));
}

}  // namespace tollgate::consumer
