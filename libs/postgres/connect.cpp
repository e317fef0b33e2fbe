// How a connection is made: the URL is checked, the server asked, the session set up.
#include <algorithm>
#include <new>

#include <libpq-fe.h>
#include <poll.h>

#include "postgres/connection.hpp"
#include "postgres/libpq_text.hpp"

namespace tollgate::postgres {

namespace {

// Beyond the server's own statement timeout: only a server that does not answer at all gets here.
constexpr std::chrono::milliseconds answer_grace_max{5000};

std::string session_script(const ConnectionSettings& settings) {
    return fmt::format(
        "set statement_timeout = {}; set lock_timeout = {}; set idle_in_transaction_session_timeout = {}; "
        "set timezone = 'UTC'; set standard_conforming_strings = on; "
        // Compiling a plan takes a quarter of a second, and all of ours are short.
        "set jit = off; "
        // Our statements expect to see what others have committed, whatever the database's default is.
        "set default_transaction_isolation = 'read committed'{}",
        settings.statement_timeout.count(), settings.lock_timeout.count(),
        settings.idle_in_transaction_timeout.count(),
        settings.finds_by_index
            ? "; set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; "
              "set plan_cache_mode = force_generic_plan"
            : "");
}

// A URL that libpq misreads (a password with a bare '@', '/' or ':') puts a piece of the password into
// another part, and libpq's own words would print it.
Result<void> check_url(const Secret& url) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
        PQconninfoParse(url.reveal().c_str(), nullptr), &PQconninfoFree};
    bool says_where = false;
    bool misread = options == nullptr;
    for (const PQconninfoOption* option = options.get(); !misread && option->keyword != nullptr; ++option) {
        const std::string_view name = option->keyword;
        const std::string_view value = option->val == nullptr ? "" : option->val;
        if (name == "host" || name == "hostaddr" || name == "dbname") {
            misread = value.contains('@');
            says_where = says_where || !value.empty();
        } else if (name == "port") {
            misread = value.find_first_not_of("0123456789,") != std::string_view::npos;
        }
    }
    if (!misread && says_where) return {};
    return fail(ErrorCode::invalid,
                "the database URL cannot be read: it must be like postgresql://USER:PASSWORD@HOST:5432/NAME, "
                "with %40 for "
                "an @, %2F for a / and %3A for a : in the password");
}

// "FATAL:  28P01: password authentication failed ...": what no waiting cures is told apart by its SQLSTATE.
Error connect_error(const PGconn* connection) {
    const std::string message = one_line(PQerrorMessage(connection));
    constexpr std::string_view mark = "FATAL:  ";
    const std::size_t at = message.find(mark);
    const std::string sqlstate = at == std::string::npos ? "" : message.substr(at + mark.size(), 5);
    const ErrorCode code = at == std::string::npos ? ErrorCode::unavailable : classify(sqlstate, "");
    // Behind it stand the place in the server's source and the like.
    const std::string_view told = std::string_view{message}.substr(0, message.find(" LOCATION:"));
    return {code == ErrorCode::internal ? ErrorCode::unavailable : code,
            fmt::format("cannot connect to Postgres at {}: {}", address_of(connection), told)};
}

}  // namespace

Result<Connection> Connection::open(const ConnectionSettings& settings) {
    if (const auto readable = check_url(settings.url); !readable) return std::unexpected{readable.error()};
    auto handle = connect(settings);
    if (!handle) return std::unexpected{handle.error()};
    PQsetnonblocking(handle->get(), 1);
    const std::string where = address_of(handle->get());
    const auto answer_timeout =
        settings.statement_timeout + std::min(settings.statement_timeout, answer_grace_max);
    Connection connection{std::move(*handle), answer_timeout};
    try {
        connection.execute_script(session_script(settings));
        if (settings.finds_by_index) {
            connection.plans_last_ = plans_last_first;
            connection.plans_end_ = std::chrono::steady_clock::now() + plans_last_first;
        }
    } catch (const SqlError& error) {
        return std::unexpected{error.error().within(fmt::format("Postgres at {}", where))};
    }
    if (settings.role.empty()) return connection;
    try {
        connection.execute("select set_config('role', $1, false)", settings.role);
    } catch (const SqlError& error) {
        // No such role, or not his. Whatever else went wrong says nothing of his rights.
        if (error.sqlstate() != "42501" && error.sqlstate() != "22023")
            return std::unexpected{error.error().within(fmt::format("Postgres at {}", where))};
        return fail(
            ErrorCode::misconfigured,
            "the login of {} may not work as {}: run `tollgate migrate --grant-to LOGIN` as the owner of the "
            "database ({})",
            where, settings.role, error.what());
    }
    return connection;
}

Result<Connection::Handle> Connection::connect(const ConnectionSettings& settings) {
    // Ours come first: what the URL says itself overrides them. Keepalives and the user timeout end a line
    // whose other side is gone within about ten seconds.
    const std::array<const char*, 8> keys{"application_name",
                                          "keepalives_idle",
                                          "keepalives_interval",
                                          "keepalives_count",
                                          "tcp_user_timeout",
                                          "client_encoding",
                                          "dbname",
                                          nullptr};
    const std::array<const char*, 8> values{
        settings.application_name.c_str(), "5",    "2", "3", "10000", "UTF8",
        settings.url.reveal().c_str(),     nullptr};
    Handle handle{PQconnectStartParams(keys.data(), values.data(), 1)};
    if (handle == nullptr) throw std::bad_alloc{};
    // So that the server's refusal carries its SQLSTATE.
    PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
    const Deadline deadline = std::chrono::steady_clock::now() + settings.connect_timeout;
    PostgresPollingStatusType wanted =
        PQstatus(handle.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
        const short events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!is_ready(PQsocket(handle.get()), events, deadline)) {
            return fail(ErrorCode::unavailable, "Postgres at {} did not let us in within {} ms",
                        address_of(handle.get()), settings.connect_timeout.count());
        }
        wanted = PQconnectPoll(handle.get());
    }
    if (PQstatus(handle.get()) != CONNECTION_OK) return std::unexpected{connect_error(handle.get())};
    PQsetErrorVerbosity(handle.get(), PQERRORS_DEFAULT);
    return handle;
}

bool Connection::usable() const {
    return !lost_ && PQstatus(handle_.get()) == CONNECTION_OK;
}

}  // namespace tollgate::postgres
