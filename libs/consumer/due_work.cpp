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

// One whose process ended in the middle of it. It is run alone from now on.
constexpr std::string_view claim_left_open =
    "update consumer.work set begun_by = $2, begun_until = clock_timestamp() + $3, begun_alone = true, "
    "crashes = crashes + begun_alone::integer where (consumer, message_id) in "
    "(select consumer, message_id from consumer.work w where consumer = $1 and begun_by <> $2 "
    "and begun_until < clock_timestamp() and due_at <= clock_timestamp() "
    "and not exists (select from consumer.begun b where b.consumer = w.consumer and b.member = w.begun_by "
    "and b.at > clock_timestamp() - $4) limit 1 for update skip locked) "
    "returning {}, attempt, cause, crashes, "
    "(extract(epoch from case when attempt > 0 then clock_timestamp() - since else '0' end) * 1000)::bigint";

// The oldest of each tenant in turn. Tenants are found one after the other in the index of what is due.
constexpr std::string_view claim_due =
    "with recursive tenant (id) as ("
    "  (select tenant from consumer.work where consumer = $1 and due_at is not null order by tenant limit 1) "
    "  union all select (select w.tenant from consumer.work w where w.consumer = $1 and w.due_at is not null "
    "    and w.tenant > t.id order by w.tenant limit 1) from tenant t where t.id is not null"
    "), due as ("
    "  select w.message_id, w.due_at, row_number() over (partition by t.id order by w.due_at) as turn "
    "  from tenant t cross join lateral (select message_id, due_at from consumer.work "
    "    where consumer = $1 and tenant = t.id and due_at <= clock_timestamp() "
    "    and (begun_by is null or begun_by = $2) order by due_at "
    "    limit 1 + $4 / greatest((select count(id) from tenant), 1)) w where t.id is not null"
    "), chosen as ("
    "  select w.message_id from consumer.work w where w.consumer = $1 and w.message_id in "
    "    (select message_id from due order by turn, due_at limit $4) "
    "  and w.due_at <= clock_timestamp() and (w.begun_by is null or w.begun_by = $2) "
    "  order by w.message_id for update skip locked"
    ") update consumer.work set begun_by = $2, begun_until = clock_timestamp() + $3, "
    "begun_alone = (select count(*) from chosen) = 1 "
    "where consumer = $1 and message_id in (select message_id from chosen) "
    "returning {}, attempt, cause, crashes, "
    "(extract(epoch from case when attempt > 0 then clock_timestamp() - since else '0' end) * 1000)::bigint";

Cause cause_of(std::string_view word) {
    if (word == name(Cause::replay)) return Cause::replay;
    return word == name(Cause::redo) ? Cause::redo : Cause::stream;
}

}  // namespace

Result<std::size_t> DueWork::run_some(std::size_t rows_max) {
    auto rows = claim(rows_max);
    if (!rows) return std::unexpected{rows.error()};
    if (rows->empty()) return 0;
    const std::size_t claimed = rows->size();
    std::erase_if(*rows, [&](Row& row) {
        const auto loaded = load(row);
        if (!loaded) {
            log::warning(
                "the bytes of a message cannot be read now",
                {{"consumer", shop_.worker.consumer}, {"event_id", row.task.id}, {"error", loaded.error()}});
        }
        return !loaded;
    });
    const auto ran = run_rows(*rows);
    if (ran) return claimed;
    // Not a crash of ours, whoever finds them.
    failed_at_ = std::chrono::steady_clock::now();
    if (const auto line = shop_.line.ready(); line) static_cast<void>(rest(**line, shop_.worker));
    return ran;
}

Result<std::vector<DueWork::Row>> DueWork::claim(std::size_t rows_max) {
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    const auto until = shop_.deadline + margin;
    return postgres::transact(**line, [&](Transaction& tx) {
        tx.execute("select set_config('synchronous_commit', 'off', true)");
        std::vector<Row> rows;
        const auto take = [&](const postgres::Rows& found) {
            for (const auto row : found) rows.push_back(row_of(row));
        };
        // After a failure others may have had it too, and say first that they are alive.
        if (std::chrono::steady_clock::now() - failed_at_ > shop_.silence) {
            take(tx.execute(fmt::format(fmt::runtime(claim_left_open), message_columns),
                            shop_.worker.consumer, shop_.worker.member, until, shop_.silence));
        }
        if (!rows.empty()) {
            shop_.metrics.crashes.Increment();
            return rows;
        }
        take(tx.execute(fmt::format(fmt::runtime(claim_due), message_columns), shop_.worker.consumer,
                        shop_.worker.member, until, static_cast<std::int64_t>(rows_max)));
        return rows;
    });
}

DueWork::Row DueWork::row_of(const postgres::Row& row) {
    constexpr std::size_t attempt = 9;  // behind the columns of the message
    Row made{.message = message_of(row, 0)};
    made.task = {.id = *made.message.id,
                 .attempt = row.get<std::int32_t>(attempt) + 1,
                 .cause = cause_of(row.get<std::string_view>(attempt + 1))};
    made.crashes = row.get<std::int32_t>(attempt + 2);
    made.tried_for = std::chrono::milliseconds{row.get<std::int64_t>(attempt + 3)};
    return made;
}

// The bytes that are not in the row: of what is done over, and of what goes by reference.
Result<void> DueWork::load(Row& row) {
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

Result<std::size_t> DueWork::run_rows(std::vector<Row>& rows) {
    std::size_t settled = 0;
    std::vector<Row> runnable;
    for (Row& row : rows) {
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
    for (Row& row : runnable) row.task.message = &row.message;
    if (runnable.empty()) return settled;
    const std::span all{runnable};
    const auto done = split_until_done(
        {0, all.size()}, [&](Range range) { return attempt(all.subspan(range.begin, range.size())); },
        [&](std::size_t index, const Fault& fault) { return settle_alone(all[index], fault); });
    if (!done) {
        shop_.metrics.repeats.Increment();
        return std::unexpected{done.error()};
    }
    return settled + runnable.size();
}

Handled<void> DueWork::attempt(std::span<Row> rows) {
    const auto failed = [](Error error) { return std::unexpected{Failure{std::move(error), std::nullopt}}; };
    const auto line = shop_.line.ready();
    if (!line) return failed(line.error());
    if (shop_.alive) shop_.alive();
    if (const auto marked = claim_on(rows); !marked) return failed(marked.error());
    const Watchdog::Watch watch{shop_.watchdog, shop_.deadline};
    std::vector<Task> tasks;
    for (const Row& row : rows) tasks.push_back(row.task);
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
        for (const auto& [verdict, cause] : settled_) shop_.metrics.count(verdict, cause);
        if (shop_.committed) shop_.committed();
        return {};
    }
    if (!fault) fault = fault_of_commit(committed.error(), sqlstate);
    if (fault && rows.size() > 1) shop_.metrics.splits.Increment();
    return std::unexpected{Failure{committed.error(), std::move(fault)}};
}

// Of the rows that nobody has taken from us or settled meanwhile.
Handled<void> DueWork::apply(Transaction& tx, std::span<Row> rows) {
    std::vector<Uuid> ids;
    for (const Row& row : rows) ids.push_back(row.task.id);
    std::unordered_set<Uuid> ours;
    for (const auto row :
         tx.execute("select message_id from consumer.work where consumer = $1 and message_id = any ($2) "
                    "and begun_by = $3 and due_at is not null order by message_id for update skip locked",
                    shop_.worker.consumer, ids, shop_.worker.member))
        ours.insert(row.get<Uuid>(0));
    std::vector<Task> tasks;
    std::vector<std::chrono::milliseconds> tried_for;
    for (const Row& row : rows) {
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

Result<void> DueWork::settle_alone(Row& row, const Fault& fault) {
    return settle_row(row, fault.rejected ? dead(fault.reason)
                                          : after_failure(shop_.retries, row.task.attempt, row.tried_for, {},
                                                          fault.reason));
}

Result<void> DueWork::settle_row(Row& row, const Verdict& verdict) {
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
Result<void> DueWork::claim_on(std::span<const Row> rows) {
    const auto line = shop_.line.ready();
    if (!line) return std::unexpected{line.error()};
    std::vector<Uuid> ids;
    for (const Row& row : rows) ids.push_back(row.task.id);
    return postgres::transact(**line, [&](Transaction& tx) {
        tx.execute("select set_config('synchronous_commit', 'off', true)");
        tx.execute(
            "update consumer.work set begun_alone = $5, begun_until = clock_timestamp() + $4 "
            "where consumer = $1 and message_id = any ($2) and begun_by = $3",
            shop_.worker.consumer, ids, shop_.worker.member, shop_.deadline + margin, rows.size() == 1);
    });
}

}  // namespace tollgate::consumer
