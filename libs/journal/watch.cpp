#include "journal/watch.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "telemetry/log.hpp"

namespace tollgate::journal {

namespace log = telemetry::log;
using postgres::Connection;
using postgres::Transaction;

namespace {

double seconds(std::chrono::microseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

// Long before it is full, and it is calm again only when there is room once more.
constexpr double warn_at = 0.8;
constexpr double calm_at = 0.7;

}  // namespace

State read_state(Transaction& tx) {
    const auto rows = tx.execute(
        "select s.child, s.since, clock_timestamp(), "
        "journal.bytes_of(0::smallint) + journal.bytes_of(1::smallint) + journal.bytes_of(2::smallint) "
        "from journal.state s");
    const auto row = rows.only();
    return {.child = row.get<std::int32_t>(0),
            .since = row.get<Timestamp>(1),
            .bytes = static_cast<std::uint64_t>(row.get<std::int64_t>(3)),
            .read_at = row.get<Timestamp>(2),
            .readers = list_readers(tx)};
}

Result<State> read_state(Connection& connection) {
    return transact(connection, [](Transaction& tx) { return read_state(tx); });
}

Watch::Watch(postgres::ConnectionSettings connection, const WatchSettings& settings,
             telemetry::Metrics& metrics)
    : connection_settings_{std::move(connection)},
      settings_{settings},
      metrics_{metrics},
      bytes_{metrics.gauge("journal_bytes", "What the journal takes on disk.")},
      child_age_{metrics.gauge("journal_child_age_seconds",
                               "How long the child that is appended to has been the one.")},
      database_bytes_{
          metrics.gauge("database_bytes", "What the database takes on disk, the journal included.")},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {
    metrics.gauge("journal_bytes_max", "What it may take before ingress refuses.")
        .Set(static_cast<double>(settings.bytes_max));
    metrics.gauge("database_bytes_max", "What it may take, as database.bytes_max says; 0: nobody has said.")
        .Set(static_cast<double>(settings.database_bytes_max));
}

Watch::~Watch() {
    thread_.request_stop();
    thread_.join();
}

void Watch::run(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::optional<Connection> connection;
    while (!stop.stop_requested()) {
        if (!connection || !connection->usable()) {
            connection.reset();
            if (auto opened = Connection::open(connection_settings_)) connection.emplace(std::move(*opened));
        }
        if (connection) {
            const auto state = read_state(*connection);
            if (state) {
                show(*state);
            } else {
                log::debug("journal: not looked at", {{"error", state.error()}});
            }
            measure_when_due(*connection);
        }
        std::unique_lock lock{mutex};
        never.wait_for(lock, stop, settings_.look_every, [] { return false; });
    }
}

void Watch::measure_when_due(Connection& connection) {
    const auto now = std::chrono::steady_clock::now();
    if (now < measure_at_) return;
    measure_at_ = now + settings_.measure_every;
    const auto bytes = transact(connection, [](Transaction& tx) {
        return tx.execute("select pg_database_size(current_database())").only().get<std::int64_t>(0);
    });
    if (bytes) {
        database_bytes_.Set(static_cast<double>(*bytes));
    } else {
        log::debug("the database was not measured", {{"error", bytes.error()}});
    }
}

Watch::ReaderGauges& Watch::gauges_of(const std::string& reader) {
    const auto [found, is_new] = readers_.try_emplace(reader);
    if (is_new) {
        found->second = {
            .registered = &metrics_.gauge("journal_reader_registered",
                                          "1 while the journal keeps for it what it has not read.",
                                          {{"reader", reader}}),
            .unread = &metrics_.gauge("journal_reader_unread_entries",
                                      "Entries that a reader has not passed.", {{"reader", reader}}),
            .behind =
                &metrics_.gauge("journal_reader_behind_seconds",
                                "Age of the oldest that a reader has not passed.", {{"reader", reader}})};
    }
    return found->second;
}

void Watch::show(const State& state) {
    bytes_.Set(static_cast<double>(state.bytes));
    child_age_.Set(seconds(state.read_at - state.since));
    // One that is retired is behind nothing.
    for (auto& [name, gauges] : readers_) {
        gauges.registered->Set(0);
        gauges.unread->Set(0);
        gauges.behind->Set(0);
    }
    for (const ReaderState& reader : state.readers) {
        const ReaderGauges& gauges = gauges_of(reader.name);
        gauges.registered->Set(1);
        gauges.unread->Set(static_cast<double>(reader.unread));
        gauges.behind->Set(reader.behind_since ? seconds(state.read_at - *reader.behind_since) : 0);
    }
    full_ = state.bytes > settings_.bytes_max;
    warn(state.bytes);
}

void Watch::warn(std::uint64_t bytes) {
    const double fill = static_cast<double>(bytes) / static_cast<double>(settings_.bytes_max);
    if (fill >= warn_at && !warned_) {
        log::warning(
            "the journal fills up: a reader is far behind, see `tollgate reader list`; beyond its "
            "bytes_max no webhook is accepted",
            {{"bytes", bytes}, {"bytes_max", settings_.bytes_max}});
    }
    if (fill >= warn_at || fill < calm_at) warned_ = fill >= warn_at;
}

}  // namespace tollgate::journal
