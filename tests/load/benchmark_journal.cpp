// How fast one reader of the journal is, beside a queue that is drained by claim and delete.
#include <stdexcept>

#include "journal/append.hpp"
#include "journal/readers.hpp"
#include "journal/schema.hpp"
#include "load/journal_log.hpp"
#include "load/measure.hpp"
#include "postgres/migrate.hpp"

namespace tollgate::load {

namespace {

using postgres::Connection;
using postgres::Transaction;

constexpr std::size_t rounds = 9;
constexpr std::size_t entries_per_round = 200'000;
constexpr std::size_t entries_per_commit = 100;
constexpr std::size_t commits_per_tick = 2;
constexpr std::size_t batch_max = 1000;

class Contest {
public:
    explicit Contest(const Surroundings& surroundings)
        : surroundings_{surroundings},
          connection_{open_database(surroundings, "journal")},
          tenure_{begin_tenure()},
          reader_{begin_reader()} {
        // Vacuumed by nobody, so that what dies can be counted.
        connection_.execute_script(
            "create table load_queue (id bigserial primary key, tenant uuid not null, topic text not null, "
            "event_id uuid not null, headers jsonb) with (autovacuum_enabled = off)");
        connection_.execute_script("set synchronous_commit = off");
    }

    // Seconds for an entry of a full journal, read by one reader.
    double read_journal() {
        fill_journal();
        const double seconds = timed([&] {
            while (const auto batch = must(reader_.next(batch_max))) {
                must(transact(connection_, [&](Transaction& tx) { reader_.move(tx, batch->after); }));
                count_ += batch->entries.size();
            }
        });
        must(tenure_.tidy({.child_bytes_max = 0}));
        return seconds;
    }

    // The same for a queue of the same rows.
    double drain_queue() {
        connection_.execute(
            "insert into load_queue (tenant, topic, event_id) select gen_random_uuid(), 'raw', "
            "gen_random_uuid() "
            "from generate_series(1, $1)",
            static_cast<std::int64_t>(entries_per_round));
        return timed([&] {
            for (std::size_t claimed = 1; claimed > 0; count_ += claimed) {
                claimed = must(transact(connection_, [](Transaction& tx) {
                    const auto rows = tx.execute(
                        "delete from load_queue where id in (select id from load_queue order by id limit $1 "
                        "for update skip locked) returning id, tenant, topic, event_id, headers",
                        static_cast<std::int64_t>(batch_max));
                    // Read out as the journal's are.
                    std::vector<journal::Entry> entries;
                    for (const postgres::Row row : rows) {
                        entries.push_back({.after = {.tick = 0, .xid = {}, .seq = row.get<std::int64_t>(0)},
                                           .tenant = row.get<Uuid>(1),
                                           .topic = row.get<std::string>(2),
                                           .event_id = row.get<Uuid>(3),
                                           .headers = row.get<std::optional<std::string>>(4)});
                    }
                    return entries.size();
                }));
            }
        });
    }

    // With a transaction of another session open, that has a number and does nothing.
    template <typename Measured>
    double beside_open_transaction(const Measured& measured) {
        Connection other = open_database(surroundings_, "open transaction");
        other.execute_script(
            "set idle_in_transaction_session_timeout = 0; begin; select pg_current_xact_id()");
        return measured();
    }

    std::int64_t dead(const char* tables) {
        // Sessions tell what they did when they end.
        Connection counting = open_database(surroundings_, "counting");
        counting.execute("select pg_stat_force_next_flush()::text");
        connection_.execute("select pg_stat_force_next_flush()::text");
        return counting
            .execute(
                "select sum(n_dead_tup)::bigint from pg_stat_user_tables where (schemaname || '.' || "
                "relname) similar to $1",
                tables)
            .only()
            .get<std::int64_t>(0);
    }

private:
    // With an epoch of the lease that the keeper takes later.
    journal::Tenure begin_tenure() {
        const Uuid holder = make_uuid_v4();
        const auto epoch = connection_
                               .execute("select tollgate.lease_take('journal.keeper', $1, $2)", holder,
                                        std::chrono::milliseconds{100})
                               .only()
                               .get<std::int64_t>(0);
        return must(journal::Tenure::begin(connection_, holder, epoch));
    }

    journal::Reader begin_reader() {
        must(journal::register_reader(connection_, "load"));
        return must(
            journal::Reader::take(connection_, {.name = "load", .holder = make_uuid_v4(), .epoch = 1}));
    }

    void fill_journal() {
        const std::vector<journal::NewEntry> entries(
            entries_per_commit,
            {.tenant = make_uuid_v7(), .topic = "raw", .event_id = make_uuid_v7(), .headers = std::nullopt});
        for (std::size_t commit = 0; commit < entries_per_round / entries_per_commit; ++commit) {
            must(transact(connection_, [&](Transaction& tx) { journal::append(tx, entries); }));
            if (commit % commits_per_tick == 0) must(tenure_.tick_if_due());
        }
        must(tenure_.tick_if_due());
    }

    template <typename Work>
    double timed(const Work& work) {
        connection_.execute_script("set synchronous_commit = on");
        count_ = 0;
        const double seconds = seconds_per_operation(1, work);
        connection_.execute_script("set synchronous_commit = off");
        if (count_ != entries_per_round) {
            throw std::runtime_error{fmt::format("{} of {} entries were read", count_, entries_per_round)};
        }
        return seconds / static_cast<double>(entries_per_round);
    }

    const Surroundings& surroundings_;
    Connection connection_;
    journal::Tenure tenure_;
    journal::Reader reader_;
    std::size_t count_ = 0;
};

Figure rate(const char* name, double seconds, double baseline_seconds) {
    return {.name = name,
            .value = 1 / seconds,
            .unit = "entries/s",
            .better = Better::higher,
            .baseline = 1 / baseline_seconds,
            .goal = std::nullopt};
}

Figure ratio(const char* name, double value, double goal) {
    return {.name = name, .value = value, .unit = "x", .better = Better::higher, .baseline = 1, .goal = goal};
}

void add_rates(Contest& contest, Figures& figures) {
    const auto journal = [&] { return contest.read_journal(); };
    const auto queue = [&] { return contest.drain_queue(); };
    const auto held_journal = [&] { return contest.beside_open_transaction(journal); };
    const auto held_queue = [&] { return contest.beside_open_transaction(queue); };

    const Medians free = alternating_medians(rounds, journal, queue);
    figures.push_back(rate("one reader, against SKIP LOCKED and delete", free.measured, free.baseline));
    figures.push_back(ratio("reader against queue", free.baseline / free.measured, 3));
    figures.push_back({.name = "dead rows after 2 million read, against the queue's",
                       .value = static_cast<double>(contest.dead("journal.%")),
                       .unit = "rows",
                       .better = Better::lower,
                       .baseline = static_cast<double>(contest.dead("%.load_queue")),
                       .goal = 100});

    const Medians held = alternating_medians(rounds, held_journal, journal);
    figures.push_back(
        rate("one reader beside an open transaction, against none", held.measured, held.baseline));
    figures.push_back(ratio("reader beside an open transaction", held.baseline / held.measured, 0.9));
    const Medians held_drain = alternating_medians(1, held_queue, queue);
    figures.push_back(ratio("for comparison, the queue beside an open transaction",
                            held_drain.baseline / held_drain.measured, 0));
    figures.back().goal.reset();
}

void add_latency(const Surroundings& surroundings, Figures& figures) {
    const JournalLatency latency = measure_journal_latency(surroundings);
    for (const double percent : {50.0, 99.0}) {
        const auto milliseconds = [&](const Latencies& latencies) {
            return std::chrono::duration<double, std::milli>(latencies.percentile(percent)).count();
        };
        figures.push_back({.name = fmt::format("commit to reader at 2,000/s, p{}, against a commit", percent),
                           .value = milliseconds(latency.commit_to_reader),
                           .unit = "ms",
                           .better = Better::lower,
                           .baseline = milliseconds(latency.commit),
                           .goal = std::nullopt});
    }
}

}  // namespace

Result<Figures> journal(const Surroundings& surroundings) {
    {
        Connection owner = open_database(surroundings, "migrate");
        const postgres::Schema* const schemas[] = {&postgres::schema(), &journal::schema()};
        must(postgres::migrate(owner, schemas, [](const std::string&) {}));
    }
    Figures figures;
    {
        Contest contest{surroundings};
        add_rates(contest, figures);
    }
    add_latency(surroundings, figures);
    figures.push_back({.name = "idle: keeper, five readers and their backends",
                       .value = measure_journal_idle_cpu(surroundings),
                       .unit = "% of a core",
                       .better = Better::lower,
                       .baseline = std::nullopt,
                       .goal = 2});
    return figures;
}

}  // namespace tollgate::load
