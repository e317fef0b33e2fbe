#include "postgres/lease.hpp"

#include <algorithm>
#include <utility>

#include "postgres/transaction.hpp"
#include "telemetry/log.hpp"

namespace tollgate::postgres {

namespace log = telemetry::log;

namespace {

// A server that does not answer must not hold the thread for longer than the lease can last.
ConnectionSettings within_lease(ConnectionSettings connection, std::chrono::milliseconds length) {
    connection.connect_timeout = std::min(connection.connect_timeout, length);
    connection.statement_timeout = std::min(connection.statement_timeout, length);
    connection.lock_timeout = std::min(connection.lock_timeout, length);
    return connection;
}

}  // namespace

Lease::Lease(ConnectionSettings connection, LeaseSettings settings, const Uuid& holder)
    : connection_settings_{within_lease(std::move(connection), settings.length)},
      settings_{std::move(settings)},
      holder_{holder},
      thread_{[this](std::stop_token stop) { run(std::move(stop)); }} {}

Lease::~Lease() {
    thread_.request_stop();
    thread_.join();
}

std::optional<std::int64_t> Lease::epoch() const {
    const std::lock_guard lock{mutex_};
    return held_now();
}

std::optional<std::int64_t> Lease::held_now() const {
    return std::chrono::steady_clock::now() < held_until_ ? epoch_ : std::nullopt;
}

std::optional<std::int64_t> Lease::wait_until_held(std::stop_token stop) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, stop, [&] { return held_now().has_value(); });
    return stop.stop_requested() ? std::nullopt : held_now();
}

void Lease::set_held(std::optional<std::int64_t> epoch, SteadyTime until) {
    const std::lock_guard lock{mutex_};
    if (epoch != epoch_) {
        if (epoch) {
            log::info("lease taken", {{"lease", settings_.name}, {"epoch", *epoch}, {"holder", holder_}});
        } else {
            log::warning("lease lost", {{"lease", settings_.name}, {"epoch", *epoch_}, {"holder", holder_}});
        }
    }
    epoch_ = epoch;
    held_until_ = until;
    changed_.notify_all();
}

void Lease::take_or_renew(Connection& connection) {
    // Counted from before the statement: the database's `until` can only be later than ours.
    const SteadyTime until = std::chrono::steady_clock::now() + settings_.length;
    std::optional<std::int64_t> epoch;
    if (epoch_) {
        const auto renewed = connection.execute("select tollgate.lease_renew($1, $2, $3, $4)", settings_.name,
                                                holder_, *epoch_, settings_.length);
        if (renewed.only().get<bool>(0)) epoch = epoch_;
    }
    if (!epoch) {
        // In a transaction whose commit is checked: an epoch that the server forgets would be given twice.
        const auto taken = transact(connection, [&](Transaction& tx) {
            return tx
                .execute("select tollgate.lease_take($1, $2, $3)", settings_.name, holder_, settings_.length)
                .only()
                .get<std::optional<std::int64_t>>(0);
        });
        if (!taken) throw SqlError{taken.error().code, "", taken.error().detail};
        epoch = *taken;
    }
    set_held(epoch, until);
}

void Lease::let_go(Connection& connection) {
    std::optional<std::int64_t> epoch;
    {
        // Before the row is free: nobody may believe that he holds it once another can take it.
        const std::lock_guard lock{mutex_};
        epoch = std::exchange(epoch_, std::nullopt);
    }
    if (!epoch) return;
    connection.execute("select tollgate.lease_release($1, $2, $3)", settings_.name, holder_, *epoch);
    log::info("lease released", {{"lease", settings_.name}, {"epoch", *epoch}});
}

void Lease::run(std::stop_token stop) {
    std::optional<Connection> connection;
    std::string reported;
    while (!stop.stop_requested()) {
        try {
            if (!connection || !connection->usable()) {
                connection.reset();
                auto opened = Connection::open(connection_settings_);
                if (!opened) throw SqlError{opened.error().code, "", opened.error().detail};
                connection.emplace(std::move(*opened));
            }
            take_or_renew(*connection);
            reported.clear();
        } catch (const SqlError& error) {
            // One line for each new reason; held_until_ lapses by itself if this goes on.
            if (reported != error.what()) {
                log::warning("lease not renewed", {{"lease", settings_.name}, {"error", error.what()}});
            }
            reported = error.what();
        }
        std::unique_lock lock{mutex_};
        const auto pause = epoch_ ? settings_.renew_every : settings_.look_every;
        changed_.wait_for(lock, stop, pause, [] { return false; });
    }
    if (!connection || !connection->usable()) return;
    try {
        let_go(*connection);
    } catch (const SqlError& error) {
        log::warning("lease not released: it lapses by itself",
                     {{"lease", settings_.name}, {"error", error.what()}});
    }
}

}  // namespace tollgate::postgres
