#include "process/database_check.hpp"

#include <algorithm>

#include "core/backoff.hpp"
#include "core/units.hpp"
#include "postgres/rights.hpp"
#include "telemetry/log.hpp"

namespace tollgate::process {

namespace {

// The database's clock decides what is due; beyond this, times on signatures are judged wrongly.
constexpr std::chrono::seconds clock_skew_max{5};

}  // namespace

void DatabaseConfig::declare(Settings& settings) {
    settings.add("database.url", url, "where Postgres is and who logs in: postgresql://user@host:5432/name");
    settings.require_last();
    settings.add("database.connect_timeout", connect_timeout, "for connecting");
    settings.add("database.statement_timeout", statement_timeout, "for one statement");
    settings.add("database.lock_timeout", lock_timeout, "for one lock");
    settings.add("database.bytes_max", bytes_max,
                 "that its disk has room for: an alert comes before it is full; 0B: it is not known");
}

postgres::ConnectionSettings DatabaseConfig::connection(const std::string& application,
                                                        const std::string& role) const {
    return {.url = url,
            .role = role,
            .application_name = application,
            .connect_timeout = connect_timeout,
            .statement_timeout = statement_timeout,
            .lock_timeout = lock_timeout};
}

Result<void> check_database(postgres::Pool& pool, postgres::Schemas schemas) {
    auto connection = pool.acquire();
    if (!connection) return std::unexpected{connection.error()};
    if (const auto migrated = postgres::check_migrated(**connection, schemas); !migrated) return migrated;
    return postgres::refuse_too_many_rights(**connection);
}

bool may_pass(ErrorCode code) {
    return exit_of(code) == Exit::unavailable;
}

bool Waiting::paused(const Error& error) {
    constexpr Backoff backoff{.base = std::chrono::milliseconds{250}, .cap = std::chrono::seconds{5}};
    if (error.detail != told_) telemetry::log::warning("waiting for the database", {{"error", error}});
    told_ = error.detail;
    process_.health().wait_for("waiting for the database: " + error.text());
    // Half of it at least, so that nobody hammers; the rest by chance, so that not all come back at once.
    const auto pause = backoff.ceiling(++attempts_) / 2;
    return !process_.told_to_stop_within(pause + Backoff{.base = pause, .cap = pause}.delay(1));
}

std::optional<Exit> await_database(Process& process, postgres::Pool& pool, postgres::Schemas schemas) {
    for (Waiting waiting{process};;) {
        const auto checked = check_database(pool, schemas);
        if (checked) return std::nullopt;
        const Error& error = checked.error();
        if (error.code == ErrorCode::misconfigured || error.code == ErrorCode::invalid) {
            telemetry::log::error("the database is not fit for this program", {{"error", error}});
            return exit_of(error.code);
        }
        if (!waiting.paused(error)) return Exit::done;
    }
}

Result<void> check_writable(postgres::Pool& pool, const Clock& clock) {
    const Timestamp asked = clock.now();
    const auto answer = postgres::transact(pool, [](postgres::Transaction& tx) {
        return tx
            .execute(
                "select clock_timestamp(), pg_is_in_recovery() or "
                "current_setting('transaction_read_only')::bool")
            .only()
            .as<Timestamp, bool>();
    });
    if (!answer) return std::unexpected{answer.error()};
    const auto& [database_now, read_only] = *answer;
    if (read_only)
        return fail(ErrorCode::unavailable, "the database is read-only: a standby, or not promoted yet");
    // Their clock was read somewhere between our question and its answer.
    const Timestamp answered = clock.now();
    const auto behind = asked - database_now;
    const auto ahead = database_now - answered;
    const auto skew = std::max(behind, ahead);
    if (skew > clock_skew_max) {
        return fail(ErrorCode::misconfigured, "this machine's clock is {} {} the database's: set both by NTP",
                    to_text(std::chrono::duration_cast<std::chrono::milliseconds>(skew)),
                    behind > ahead ? "ahead of" : "behind");
    }
    return {};
}

}  // namespace tollgate::process
