// What every process that uses the database asks before it starts, and goes on asking.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>

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

// While the database is away at start: says so, to the log and to who asks for readiness, and pauses.
class Waiting {
public:
    explicit Waiting(Process& process) : process_{process} {}
    // False if the process was told to stop meanwhile.
    bool paused(const Error& error);

private:
    Process& process_;
    std::uint32_t attempts_ = 0;
    std::string told_;
};

// It cannot be reached, or is busy.
bool may_pass(ErrorCode code);

// What a process asks of the database before it runs, again and again while the failure may pass.
template <typename Ask>
std::invoke_result_t<Ask> ask_when_reached(Process& process, const Ask& ask) {
    for (Waiting waiting{process};;) {
        auto answer = ask();
        if (answer || !may_pass(answer.error().code) || !waiting.paused(answer.error())) return answer;
    }
}

// For readiness: a writable primary that answers, whose clock is within 5 s of ours.
Result<void> check_writable(postgres::Pool& pool, const Clock& clock);

}  // namespace tollgate::process
