// What every process that uses the database asks before it starts, and goes on asking.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "postgres/migrate.hpp"
#include "postgres/pool.hpp"
#include "process/process.hpp"
#include "process/settings.hpp"

namespace tollgate::process {

// The settings [database] of every program that uses it.
struct DatabaseConfig {
    Secret url;
    std::chrono::milliseconds connect_timeout{std::chrono::seconds{5}};
    std::chrono::milliseconds statement_timeout{std::chrono::seconds{30}};
    std::chrono::milliseconds lock_timeout{std::chrono::seconds{5}};
    ByteSize bytes_max{0};

    void declare(Settings& settings);
    // For connections of one role, empty for the login itself.
    postgres::ConnectionSettings connection(const std::string& application, const std::string& role) const;
};

// Once, at start: it answers, it is migrated for this program, and the login has no rights that it should
// not have. Errors are one sentence that says what to do.
Result<void> check_database(postgres::Pool& pool, postgres::Schemas schemas);

// Waits, while the database cannot be reached, until it can, then checks it. Gives an exit code when the
// process must end instead: the database is not fit for it, or it was told to stop.
std::optional<Exit> await_database(Process& process, postgres::Pool& pool, postgres::Schemas schemas);

// For readiness: a writable primary that answers, whose clock is within 5 s of ours.
Result<void> check_writable(postgres::Pool& pool, const Clock& clock);

}  // namespace tollgate::process
