#include "ingress/answer_book.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "core/pause.hpp"
#include "postgres/transaction.hpp"
#include "telemetry/log.hpp"

namespace tollgate::ingress {

namespace log = telemetry::log;
using Clock = std::chrono::steady_clock;
using postgres::Connection;
using postgres::Transaction;

namespace {

// As long as what was answered is in memory alone.
constexpr std::chrono::milliseconds write_every{1000};
// Rows of many tenants may take long; it never takes more than this share of a connection's time.
constexpr int pause_per_time_taken = 20;
// Who is silent for longer counts as killed (`fell_silent`).
constexpr std::chrono::seconds pause_max{10};

// After a new connection there may be those of a day, of all tenants.
constexpr std::size_t rows_at_once = 2'000;

void write_counts(Transaction& tx, const Uuid& process, std::span<const AnswerCount> counts) {
    if (counts.empty()) return;
    const auto each = [&](auto member) { return counts | std::views::transform(member); };
    tx.execute(
        "insert into ingress.answered (process, hour, tenant, accepted, held, duplicates, in_doubt) "
        "select $1, c.* from unnest($2, $3, $4, $5, $6, $7) c "
        "on conflict (hour, tenant, process) do update set accepted = excluded.accepted, "
        "held = excluded.held, duplicates = excluded.duplicates, in_doubt = excluded.in_doubt",
        process, each(&AnswerCount::hour), each(&AnswerCount::tenant), each(&AnswerCount::accepted),
        each(&AnswerCount::held), each(&AnswerCount::duplicates), each(&AnswerCount::in_doubt));
}

void write_doubts(Transaction& tx, std::span<const Doubt> doubts) {
    if (doubts.empty()) return;
    const auto each = [&](auto member) { return doubts | std::views::transform(member); };
    tx.execute(
        "insert into ingress.doubt (event_id, tenant) select * from unnest($1, $2) on conflict do nothing",
        each(&Doubt::event), each(&Doubt::tenant));
}

// The first of them, which are taken off.
template <typename T>
std::span<const T> next_of(std::span<const T>& rest) {
    const auto part = rest.first(std::min(rows_at_once, rest.size()));
    rest = rest.subspan(part.size());
    return part;
}

}  // namespace

Result<std::unique_ptr<AnswerBook>> AnswerBook::open(const postgres::ConnectionSettings& settings,
                                                     const Uuid& process, AnswerCounts& counts,
                                                     telemetry::Metrics& metrics) {
    auto connection = Connection::open(settings);
    if (!connection) return std::unexpected{connection.error()};
    const auto begun = transact(*connection, [&](Transaction& tx) {
        return tx.execute("insert into ingress.process (process) values ($1) returning started_at", process)
            .only()
            .get<Timestamp>(0);
    });
    if (!begun) return std::unexpected{begun.error()};
    return std::unique_ptr<AnswerBook>{
        new AnswerBook{settings, std::move(*connection), process, *begun, counts, metrics}};
}

AnswerBook::AnswerBook(postgres::ConnectionSettings settings, Connection connection, const Uuid& process,
                       Timestamp started_at, AnswerCounts& counts, telemetry::Metrics& metrics)
    : settings_{std::move(settings)},
      process_{process},
      started_at_{started_at},
      counts_{counts},
      failing_{metrics.gauge("ingress_answer_counts_failing",
                             "1 while what was answered cannot be written down.")},
      connection_{std::move(connection)},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

AnswerBook::~AnswerBook() {
    thread_.request_stop();
    thread_.join();
    if (const auto written = write(true); !written) {
        log::warning(
            "the last answers of this process are not written down: `tollgate audit` shows a gap where there "
            "is none",
            {{"error", written.error()}});
    }
}

std::chrono::nanoseconds AnswerBook::pause_after(bool written, std::chrono::nanoseconds taken) {
    // One that failed has waited for somebody else, and says nothing of what there is to write.
    if (!written) return write_every;
    return std::clamp<std::chrono::nanoseconds>(taken * pause_per_time_taken, write_every, pause_max);
}

void AnswerBook::run(const std::stop_token& stop) {
    bool told = false;
    std::chrono::nanoseconds wait = write_every;
    while (pause(wait, stop)) {
        const auto began = Clock::now();
        const auto written = write(false);
        wait = pause_after(written.has_value(), Clock::now() - began);
        failing_.Set(written ? 0 : 1);
        if (!written && !std::exchange(told, true)) {
            log::warning("what was answered cannot be written down: trying again",
                         {{"error", written.error()}});
        }
        if (written) told = false;
    }
}

// On a line that was lost meanwhile it is tried once more on a new one.
Result<void> AnswerBook::write(bool at_end) {
    auto written = write_on_line(at_end);
    if (!written && !connection_) written = write_on_line(at_end);
    return written;
}

Result<void> AnswerBook::write_on_line(bool at_end) {
    if (!connection_) {
        auto opened = Connection::open(settings_);
        if (!opened) return std::unexpected{opened.error()};
        connection_.emplace(std::move(*opened));
        // The server behind it may be another, restored or promoted, without what this process wrote last.
        counts_.put_back_all();
    }
    const auto now = transact(*connection_, [](Transaction& tx) {
        return tx.execute("select clock_timestamp()").only().get<Timestamp>(0);
    });
    Result<void> written = now ? Result<void>{} : std::unexpected{now.error()};
    if (now) {
        // After the time until which they are whole.
        const std::vector<AnswerCount> taken = counts_.take_changed();
        std::vector<Doubt> doubts = counts_.take_doubts();
        written = write_in_steps(*now, at_end, taken, doubts);
        if (!written) counts_.put_back(taken, std::move(doubts));
    }
    if (!written && !connection_->usable()) connection_.reset();
    return written;
}

// The mark comes with the last of them.
Result<void> AnswerBook::write_in_steps(Timestamp until, bool at_end, std::span<const AnswerCount> counts,
                                        std::span<const Doubt> doubts) {
    for (bool last = false; !last;) {
        const auto some_counts = next_of(counts);
        const auto some_doubts = next_of(doubts);
        last = counts.empty() && doubts.empty();
        const auto written = transact(*connection_, [&](Transaction& tx) {
            write_counts(tx, process_, some_counts);
            write_doubts(tx, some_doubts);
            if (!last) return;
            tx.execute(
                "insert into ingress.process (process, started_at, counted_until, stopped_at) "
                "values ($1, $2, $3, case when $4 then clock_timestamp() end) "
                "on conflict (process) do update set counted_until = $3, "
                "stopped_at = case when $4 then clock_timestamp() end",
                process_, started_at_, until, at_end);
        });
        if (!written) return written;
    }
    return {};
}

}  // namespace tollgate::ingress
