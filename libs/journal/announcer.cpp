#include "journal/announcer.hpp"

#include <optional>
#include <utility>

#include "telemetry/log.hpp"

namespace tollgate::journal {

namespace log = telemetry::log;

Announcer::Announcer(postgres::ConnectionSettings connection, std::chrono::milliseconds at_most_every)
    : connection_settings_{std::move(connection)},
      at_most_every_{at_most_every},
      thread_{[this](const std::stop_token& stop) { run(stop); }} {}

Announcer::~Announcer() {
    thread_.request_stop();
    thread_.join();
}

void Announcer::announce() {
    {
        const std::lock_guard lock{mutex_};
        if (wanted_) return;
        wanted_ = true;
    }
    changed_.notify_one();
}

void Announcer::tell(std::optional<postgres::Connection>& connection) const {
    if (!connection || !connection->usable()) {
        connection.reset();
        auto opened = postgres::Connection::open(connection_settings_);
        if (!opened) throw postgres::SqlError{opened.error().code, "", opened.error().detail};
        connection.emplace(std::move(*opened));
    }
    connection->execute_script("notify tollgate_appended");
}

void Announcer::run(const std::stop_token& stop) {
    std::optional<postgres::Connection> connection;
    std::unique_lock lock{mutex_};
    while (changed_.wait(lock, stop, [&] { return wanted_; })) {
        wanted_ = false;
        lock.unlock();
        try {
            tell(connection);
        } catch (const postgres::SqlError& error) {
            // Appends fail too when the server is away, and say so; the keeper looks by itself.
            log::debug("journal: hint not sent", {{"error", error.what()}});
        }
        lock.lock();
        changed_.wait_for(lock, stop, at_most_every_, [] { return false; });
    }
}

}  // namespace tollgate::journal
