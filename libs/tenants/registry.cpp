#include "tenants/registry.hpp"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "core/backoff.hpp"
#include "core/units.hpp"
#include "telemetry/log.hpp"
#include "tenants/loader.hpp"
#include "tenants/uses.hpp"

namespace tollgate::tenants {

namespace log = telemetry::log;
using postgres::Connection;
using postgres::SqlError;

namespace {

// How long a stop may have to wait for a thread that listens.
constexpr std::chrono::milliseconds listen_step{100};

postgres::ConnectionSettings with_timeout(postgres::ConnectionSettings connection,
                                          std::chrono::milliseconds most) {
    connection.statement_timeout = std::min(connection.statement_timeout, most);
    return connection;
}

}  // namespace

Registry::Registry(postgres::ConnectionSettings connection, crypto::Keyring keyring, Prepare prepare,
                   const RegistrySettings& settings, telemetry::Metrics& metrics)
    : connection_settings_{with_timeout(std::move(connection), settings.statement_timeout)},
      settings_{settings},
      sources_{metrics.gauge("tenants_sources", "Sources that are known.")},
      unopened_{metrics.gauge("tenants_unopened_secrets",
                              "Secrets that no key opens; their sources do without them.")},
      secrets_end_{
          metrics.gauge("tenants_secrets_end_timestamp_seconds",
                        "When the last secret of a source ends, of the one whose ends first; 0: none ends.")},
      reading_{metrics.histogram("tenants_reading_seconds", "How long it took to read what has changed.")},
      loader_{std::make_unique<Loader>(std::move(keyring), std::move(prepare))},
      uses_{std::make_unique<Uses>()},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Registry::~Registry() {
    thread_.request_stop();
    thread_.join();
}

std::shared_ptr<const Directory> Registry::directory() const {
    const std::lock_guard lock{mutex_};
    return directory_;
}

void Registry::used(const Uuid& secret, Timestamp at) {
    uses_->note(secret, at);
}

Result<void> Registry::check() const {
    std::optional<SteadyTime> read_at;
    {
        const std::lock_guard lock{mutex_};
        read_at = read_at_;
    }
    if (!read_at) return fail(ErrorCode::unavailable, "the sources have not been read yet");
    const auto ago =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - *read_at);
    if (ago <= settings_.stale_after) return {};
    return fail(ErrorCode::unavailable, "the sources were last compared with the database {} ago",
                to_text(ago));
}

void Registry::run(const std::stop_token& stop) {
    constexpr std::chrono::milliseconds first_pause{100};
    const Backoff backoff{.base = first_pause, .cap = settings_.reconnect_pause_max};
    std::mutex mutex;
    std::condition_variable_any never;
    for (std::uint32_t attempt = 1; !stop.stop_requested(); ++attempt) {
        const SteadyTime began = std::chrono::steady_clock::now();
        follow(stop);
        // What has worked for a while begins with short pauses again.
        if (std::chrono::steady_clock::now() - began > settings_.reconnect_pause_max) attempt = 1;
        const auto pause = backoff.ceiling(attempt) / 2 + backoff.delay(attempt) / 2;
        std::unique_lock lock{mutex};
        never.wait_for(lock, stop, pause, [] { return false; });
    }
    write_last_uses();
}

// One connection, as long as it lasts.
void Registry::follow(const std::stop_token& stop) {
    auto connection = Connection::open(connection_settings_);
    if (!connection) {
        tell(connection.error());
        return;
    }
    try {
        // Before the first look, so that no change falls between.
        connection->execute_script("listen tollgate_tenants");
        loader_->distrust();
        SteadyTime uses_due = std::chrono::steady_clock::now() + settings_.write_uses_every;
        while (!stop.stop_requested()) {
            const SteadyTime began = std::chrono::steady_clock::now();
            look(*connection);
            wait_for_change(*connection, began, stop);
            if (std::chrono::steady_clock::now() < uses_due) continue;
            uses_->write(*connection);
            uses_due = std::chrono::steady_clock::now() + settings_.write_uses_every;
        }
    } catch (const SqlError& error) {
        tell(error.error());
    }
}

// Many changes one after the other are taken together: looking takes a fifth of the time at most.
void Registry::wait_for_change(Connection& connection, SteadyTime looked, const std::stop_token& stop) const {
    const SteadyTime now = std::chrono::steady_clock::now();
    const SteadyTime latest = now + settings_.look_every;
    const SteadyTime earliest = std::min(now + 4 * (now - looked), now + settings_.look_every / 2);
    bool notified = false;
    while (!stop.stop_requested()) {
        const SteadyTime next = notified ? earliest : latest;
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(next - std::chrono::steady_clock::now());
        if (left.count() <= 0) return;
        notified = connection.wait_for_notification(std::min(left, listen_step)) || notified;
    }
}

void Registry::look(Connection& connection) {
    const SteadyTime began = std::chrono::steady_clock::now();
    auto directory = loader_->load(connection);
    const SteadyTime now = std::chrono::steady_clock::now();
    const bool changed = directory != nullptr;
    {
        const std::lock_guard lock{mutex_};
        read_at_ = began;
        // The one before is freed outside of the lock, if by us.
        if (changed) directory_.swap(directory);
    }
    if (!std::exchange(told_, {}).empty()) log::info("the sources are read again");
    if (!changed) return;
    reading_.Observe(std::chrono::duration<double>(now - began).count());
    sources_.Set(static_cast<double>(loader_->size()));
    unopened_.Set(static_cast<double>(loader_->unopened()));
    const auto end = loader_->first_end_of_secrets();
    secrets_end_.Set(
        end ? static_cast<double>(std::chrono::floor<std::chrono::seconds>(*end).time_since_epoch().count())
            : 0);
}

// At the end, on a connection of its own: the last one may be lost.
void Registry::write_last_uses() {
    if (uses_->empty()) return;
    auto connection = Connection::open(connection_settings_);
    if (!connection) {
        tell(connection.error());
        return;
    }
    try {
        uses_->write(*connection);
    } catch (const SqlError& error) {
        tell(error.error());
    }
}

void Registry::tell(const Error& error) {
    if (told_ == error.text()) return;
    told_ = error.text();
    log::warning("the sources cannot be read for now: those read last hold on", {{"error", error}});
}

}  // namespace tollgate::tenants
