// One connection to Postgres: binary parameters and results, a role of its own, and a deadline on every
// answer, so that a stopped server or a half-open line never holds a thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "postgres/error.hpp"
#include "postgres/rows.hpp"
#include "postgres/wire.hpp"

struct pg_conn;

namespace tollgate::postgres {

struct ConnectionSettings {
    Secret url;                    // postgresql://... or libpq's key=value form
    std::string role;              // SET ROLE after connecting; empty: as who logged in
    std::string application_name;  // shows in pg_stat_activity
    std::chrono::milliseconds connect_timeout{std::chrono::seconds{5}};
    std::chrono::milliseconds statement_timeout{std::chrono::seconds{30}};
    std::chrono::milliseconds lock_timeout{std::chrono::seconds{5}};
    std::chrono::milliseconds idle_in_transaction_timeout{std::chrono::seconds{2}};
    // For who works through what comes. Rows are found by an index and joined one by one, whatever the
    // statistics say: those know nothing of a queue that was empty a minute ago. And a plan is made for any
    // values, not each time for those at hand, which takes longer than to run it; after a while it is made
    // anew, because tables grow.
    bool finds_by_index = false;
};

class Connection {
public:
    static Result<Connection> open(const ConnectionSettings& settings);

    // One statement, prepared on its first use. Throws SqlError.
    template <typename... Args>
    Rows execute(std::string_view sql, const Args&... args) {
        const std::array<Param, sizeof...(Args)> params{Param{args}...};
        return run(sql, params);
    }

    // Several statements separated by semicolons, without parameters: migrations, settings. Gives what the
    // last one returned.
    Rows execute_script(const std::string& sql);

    // For a connection that has said LISTEN: whether a notification came by the end of the pause. Those that
    // have come are taken all at once. Throws when the line is lost.
    bool wait_for_notification(std::chrono::milliseconds pause);

    // How many warnings the server has sent. One during a commit means that it did not wait for a standby
    // that it was told to wait for.
    std::size_t warnings() const { return *warnings_; }

    // False once the line is lost; such a connection is thrown away, never revived.
    bool usable() const;
    // Usable, and in no transaction.
    bool idle() const;
    // Between uses: has the server closed it? Costs no round trip.
    bool closed_by_server();

    std::int32_t backend_pid() const;

private:
    struct Finish {
        void operator()(pg_conn* connection) const;
    };
    using Handle = std::unique_ptr<pg_conn, Finish>;
    using Deadline = std::chrono::steady_clock::time_point;

    // As many statements as a connection keeps prepared; beyond it they are parsed each time.
    static constexpr std::size_t prepared_max = 256;
    // How long plans are kept: the first ones may be of tables that are still empty.
    static constexpr std::chrono::milliseconds plans_last_first{250};
    static constexpr std::chrono::milliseconds plans_last_most{std::chrono::minutes{1}};

    Connection(Handle handle, std::chrono::milliseconds answer_timeout);

    static Result<Handle> connect(const ConnectionSettings& settings);

    Rows run(std::string_view sql, std::span<const Param> params);
    void forget_old_plans(Deadline deadline);
    const std::string* prepare(std::string_view sql, std::span<const TypeId> types, Deadline deadline);
    Rows receive(Deadline deadline);
    void wait_for_socket(bool also_writable, Deadline deadline);
    void flush(Deadline deadline);
    [[noreturn]] void throw_lost();

    std::unique_ptr<std::size_t> warnings_ = std::make_unique<std::size_t>(0);  // libpq keeps its address
    Handle handle_;
    std::chrono::milliseconds answer_timeout_;
    bool lost_ = false;
    std::chrono::milliseconds plans_last_{0};  // none: as Postgres decides
    Deadline plans_end_;
    std::unordered_map<std::string, std::string> prepared_;  // statement and types to its name
};

}  // namespace tollgate::postgres
