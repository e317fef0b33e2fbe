#include "consumer/due_work.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "consumer/stored.hpp"
#include "consumer/work_row.hpp"
#include "postgres/error.hpp"
#include "telemetry/log.hpp"

namespace tollgate::consumer {

namespace {

namespace log = telemetry::log;
using postgres::Transaction;

// Beyond the deadline after which a process ends itself.
constexpr std::chrono::milliseconds margin{5000};

// How often all that is due fails together, while the server answers, before rows are run one by one; and how
// often one of them alone, before it is taken to be its own doing.
constexpr int failures_together = 5;
constexpr int failures_alone = 10;
// The loop has other things to do, and probes to answer.
constexpr std::chrono::seconds one_by_one_at_most{15};

}  // namespace

Result<std::size_t> DueWork::run_some(std::size_t rows_max) {
    auto rows = claim(size_.of(rows_max, std::chrono::steady_clock::now()));
    if (!rows) return std::unexpected{rows.error()};
    if (rows->empty()) return 0;
    const std::size_t claimed = rows->size();
    std::erase_if(*rows, [&](DueRow& row) {
        const auto loaded = load(row);
        if (!loaded) {
            log::warning(
                "the bytes of a message cannot be read now",
                {{"consumer", shop_.worker.consumer}, {"event_id", row.task.id}, {"error", loaded.error()}});
        }
        return !loaded;
    });
    const auto ran = run_rows(*rows);
    if (ran) {
        failures_ = 0;
        return claimed;
    }
    failed_at_ = std::chrono::steady_clock::now();
    // Not a crash of ours, whoever finds them. A server that is away is no sign of what a message does.
    if (const auto line = shop_.line.ready(); line && rest(**line, shop_.worker)) ++failures_;
    return ran;
}

Result<std::vector<DueRow>> DueWork::claim(std::size_t rows_max) {
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    const auto any = is_any_due(**line, shop_.worker.consumer);
    if (!any) return std::unexpected{any.error()};
    if (!*any) return std::vector<DueRow>{};
    // After a failure others may have had it too, and say first that they are alive.
    const bool looks_for_left_open = std::chrono::steady_clock::now() - failed_at_ > shop_.silence;
    auto claimed =
        claim_rows(**line, shop_.worker,
                   {.rows_max = rows_max,
                    .length = shop_.deadline + margin,
                    .left_open_after = looks_for_left_open ? std::optional{shop_.silence} : std::nullopt});
    if (!claimed) return std::unexpected{claimed.error()};
    if (claimed->were_left_open) shop_.metrics.crashes.Increment();
    return std::move(claimed->rows);
}

// The bytes that are not in the row: of what is done over, and of what goes by reference.
Result<void> DueWork::load(DueRow& row) {
    if (row.message.value) return {};
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    if (goes_by_reference(row.message)) return look_up(**line, row.message);
    if (row.task.cause != Cause::redo) return {};
    const std::array entries{journal::Entry{
        .tenant = row.message.tenant.value_or(nobody), .topic = row.message.topic, .event_id = row.task.id}};
    auto messages = read_messages(**line, entries, 1);
    if (!messages) return std::unexpected{messages.error()};
    row.message = std::move(messages->front());
    return {};
}

Result<std::size_t> DueWork::run_rows(std::vector<DueRow>& rows) {
    std::size_t settled = 0;
    std::vector<DueRow> runnable;
    for (DueRow& row : rows) {
        std::optional<Verdict> verdict;
        if (row.message.attributes && events::is_newer_major(row.message.attributes->schema_version)) {
            verdict = held("newer_version", "it is of a newer version than this build reads");
        } else if (row.message.flaw) {
            verdict = dead(row.message.flaw->text());
        } else if (row.crashes >= crashes_max) {
            verdict = dead(fmt::format("{} processes ended while this message was the only one that they ran",
                                       row.crashes));
        }
        if (!verdict) {
            runnable.push_back(std::move(row));
            continue;
        }
        if (const auto done = settle_row(row, *verdict); !done) return std::unexpected{done.error()};
        ++settled;
    }
    for (DueRow& row : runnable) row.task.message = &row.message;
    if (runnable.empty()) return settled;
    const bool together = failures_ < failures_together && runnable.size() > 1;
    const auto done = together ? run_together(runnable) : run_one_by_one(runnable);
    if (!done) {
        shop_.metrics.repeats.Increment();
        return std::unexpected{done.error()};
    }
    return settled + runnable.size();
}

Result<void> DueWork::run_together(std::span<DueRow> rows) {
    return split_until_done(
        {0, rows.size()}, [&](Range range) { return attempt(rows.subspan(range.begin, range.size())); },
        [&](std::size_t index, const Fault& fault) { return settle_alone(rows[index], fault); });
}

// One of them makes all fail, and is nobody's fault so far: the others go on without it.
Result<void> DueWork::run_one_by_one(std::span<DueRow> rows) {
    const auto end = std::chrono::steady_clock::now() + one_by_one_at_most;
    Result<void> outcome;
    for (DueRow& row : rows) {
        // The rest comes again.
        if (std::chrono::steady_clock::now() > end) break;
        const auto done = run_together({&row, 1});
        if (done) continue;
        const auto fault = fault_of_repeats(done.error(), row);
        if (!fault) {
            outcome = std::unexpected{done.error()};
            if (!answers()) break;
        } else if (const auto settled = settle_alone(row, *fault); !settled) {
            return settled;
        }
    }
    return outcome;
}

// One that fails alone and again, while the server answers, is at fault after all: by what it takes, it may
// be.
std::optional<Fault> DueWork::fault_of_repeats(const Error& error, const DueRow& row) {
    if (!may_be_its_own(error.code) || !answers()) return std::nullopt;
    const auto alone = alone_.failed(row.task.id, shop_.metrics.done.Value());
    const bool is_slow = alone.is_slow(error.code) && alone.others_were_done;
    if (!is_slow && alone.times < failures_alone) {
        if (error.code == ErrorCode::timed_out) put_back(row);
        return std::nullopt;
    }
    alone_.forget(row.task.id);
    return Fault{fmt::format("{} (alone, {} times{})", error.text(), alone.times,
                             is_slow ? ", and others go through" : "")};
}

// What else is due comes first then, and shows whether others go through.
void DueWork::put_back(const DueRow& row) {
    const auto line = shop_.line.ready();
    if (!line) return;
    const auto done = postgres::transact(**line, [&](Transaction& tx) {
        tx.execute(
            "update consumer.work set due_at = clock_timestamp() + interval '1 second' "
            "where consumer = $1 and message_id = $2 and begun_by = $3 and due_at is not null",
            shop_.worker.consumer, row.task.id, shop_.worker.member);
    });
    if (!done) log::debug("a message was not put back", {{"error", done.error()}});
}

bool DueWork::answers() {
    const auto line = shop_.line.ready();
    return line && postgres::transact(**line, [](Transaction& tx) { tx.execute("select 1"); }).has_value();
}

Handled<void> DueWork::attempt(std::span<DueRow> rows) {
    const auto failed = [](Error error) { return std::unexpected{Failure{std::move(error), std::nullopt}}; };
    const auto line = shop_.line.ready();
    if (!line) return failed(line.error());
    if (shop_.alive) shop_.alive();
    if (const auto marked = claim_on(rows); !marked) return failed(marked.error());
    const Watchdog::Watch watch{shop_.watchdog, shop_.deadline};
    std::vector<Task> tasks;
    for (const DueRow& row : rows) tasks.push_back(row.task);
    if (auto prepared = prepare(shop_.handler, tasks, std::chrono::steady_clock::now() + shop_.deadline / 2);
        !prepared)
        return prepared;
    std::optional<Fault> fault;
    std::string sqlstate;
    const auto committed = postgres::transact(**line, [&](Transaction& tx) -> Result<void> {
        settled_.clear();
        try {
            auto applied = apply(tx, rows);
            if (applied) return {};
            fault = std::move(applied.error().fault);
            return std::unexpected{std::move(applied.error().error)};
        } catch (const postgres::SqlError& error) {
            sqlstate = error.sqlstate();
            throw;
        }
    });
    if (committed) {
        for (const Task& task : tasks) alone_.forget(task.id);
        for (const auto& [verdict, cause] : settled_) shop_.metrics.count(verdict, cause);
        shop_.handler.committed();
        if (shop_.committed) shop_.committed();
        return {};
    }
    size_.failed(committed.error().code, rows.size(), std::chrono::steady_clock::now());
    if (!fault) fault = fault_of_commit(committed.error(), sqlstate);
    if (fault && rows.size() > 1) shop_.metrics.splits.Increment();
    return std::unexpected{Failure{committed.error(), std::move(fault)}};
}

// Of the rows that nobody has taken from us or settled meanwhile.
Handled<void> DueWork::apply(Transaction& tx, std::span<DueRow> rows) {
    std::vector<Uuid> ids;
    for (const DueRow& row : rows) ids.push_back(row.task.id);
    std::unordered_set<Uuid> ours;
    for (const auto row :
         tx.execute("select message_id from consumer.work where consumer = $1 and message_id = any ($2) "
                    "and begun_by = $3 and due_at is not null order by message_id for update skip locked",
                    shop_.worker.consumer, ids, shop_.worker.member))
        ours.insert(row.get<Uuid>(0));
    std::vector<Task> tasks;
    std::vector<std::chrono::milliseconds> tried_for;
    for (const DueRow& row : rows) {
        if (!ours.contains(row.task.id)) continue;
        tasks.push_back(row.task);
        tried_for.push_back(row.tried_for);
    }
    const auto outcomes = consumer::apply(shop_.handler, tx, tasks);
    if (!outcomes) return std::unexpected{outcomes.error()};
    std::vector<Uuid> done;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto verdict = verdict_on((*outcomes)[i], shop_.retries, tasks[i].attempt, tried_for[i]);
        if (verdict) {
            settle(tx, shop_.worker, tasks[i], *verdict);
        } else {
            done.push_back(tasks[i].id);
        }
        settled_.emplace_back(verdict, tasks[i].cause);
    }
    settle_done(tx, shop_.worker, done);
    return {};
}

Result<void> DueWork::settle_alone(DueRow& row, const Fault& fault) {
    return settle_row(row, fault.rejected ? dead(fault.reason)
                                          : after_failure(shop_.retries, row.task.attempt, row.tried_for, {},
                                                          fault.reason));
}

Result<void> DueWork::settle_row(DueRow& row, const Verdict& verdict) {
    log::warning("a message was tried again, and is not done", {{"consumer", shop_.worker.consumer},
                                                                {"event_id", row.task.id},
                                                                {"attempt", row.task.attempt},
                                                                {"dead", verdict.state == WorkState::dead},
                                                                {"reason", verdict.reason}});
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    row.task.message = &row.message;
    auto settled = postgres::transact(**line, [&](Transaction& tx) {
        if (still_claimed(tx, row.task.id)) settle(tx, shop_.worker, row.task, verdict);
    });
    if (!settled) return settled;
    shop_.metrics.count(verdict, row.task.cause);
    if (shop_.committed) shop_.committed();
    return settled;
}

bool DueWork::still_claimed(Transaction& tx, const Uuid& id) const {
    return !tx.execute(
                  "select 1 from consumer.work where consumer = $1 and message_id = $2 and begun_by = $3 "
                  "and due_at is not null for update",
                  shop_.worker.consumer, id, shop_.worker.member)
                .empty();
}

// For as long as this try may take; and whether it is the only one that we run.
Result<void> DueWork::claim_on(std::span<const DueRow> rows) {
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    std::vector<Uuid> ids;
    for (const DueRow& row : rows) ids.push_back(row.task.id);
    return postgres::transact(**line, [&](Transaction& tx) {
        tx.execute("select set_config('synchronous_commit', 'off', true)");
        tx.execute(
            "update consumer.work set begun_alone = $5, begun_until = clock_timestamp() + $4 "
            "where consumer = $1 and message_id = any ($2) and begun_by = $3",
            shop_.worker.consumer, ids, shop_.worker.member, shop_.deadline + margin, rows.size() == 1);
    });
}

}  // namespace tollgate::consumer
