#include "postgres/connection.hpp"

#include <vector>

#include <libpq-fe.h>
#include <poll.h>

#include "telemetry/log.hpp"

namespace tollgate::postgres {

namespace {

// Beyond the server's own statement timeout: only a server that does not answer at all gets here.
constexpr std::chrono::seconds answer_grace{5};

std::string_view field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string_view{} : text;
}

// libpq ends its messages with a line feed and spreads them over lines; ours are one line.
std::string one_line(std::string_view message) {
    std::string line;
    for (const char c : message) {
        if (c == '\n' || c == '\t') {
            if (!line.empty() && line.back() != ' ') line.push_back(' ');
        } else {
            line.push_back(c);
        }
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

SqlError error_of(const PGresult* result) {
    const std::string_view sqlstate = field(result, PG_DIAG_SQLSTATE);
    std::string message = one_line(field(result, PG_DIAG_MESSAGE_PRIMARY));
    if (message.empty()) message = one_line(PQresultErrorMessage(result));
    // A detail may quote the row's values, which may be a customer's: only the constraint's name is told.
    const std::string_view constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    return SqlError{classify(sqlstate, constraint), std::string{sqlstate},
                    fmt::format("postgres: {} (SQLSTATE {})", message, sqlstate.empty() ? "none" : sqlstate)};
}

std::string session_script(const ConnectionSettings& settings, pg_conn* connection) {
    std::string script = fmt::format(
        "set statement_timeout = {}; set lock_timeout = {}; set idle_in_transaction_session_timeout = {}; "
        "set timezone = 'UTC'; set standard_conforming_strings = on;",
        settings.statement_timeout.count(), settings.lock_timeout.count(),
        settings.idle_in_transaction_timeout.count());
    if (!settings.role.empty()) {
        char* const quoted = PQescapeIdentifier(connection, settings.role.data(), settings.role.size());
        if (quoted == nullptr) throw std::bad_alloc{};
        script += fmt::format(" set role {};", quoted);
        PQfreemem(quoted);
    }
    return script;
}

// libpq would print what the server remarks on stderr, past our log.
void receive_notice(void* warnings, const PGresult* notice) {
    if (field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) != "WARNING") return;
    ++*static_cast<std::size_t*>(warnings);
    telemetry::log::warning("postgres warns",
                            {{"warning", one_line(field(notice, PG_DIAG_MESSAGE_PRIMARY))},
                             {"warning_detail", one_line(field(notice, PG_DIAG_MESSAGE_DETAIL))}});
}

// "127.0.0.1:5433/tollgate": enough to find the server, nothing that is secret.
std::string address_of(const PGconn* connection) {
    const auto or_unknown = [](const char* text) { return text == nullptr || *text == '\0' ? "?" : text; };
    return fmt::format("{}:{}/{}", or_unknown(PQhost(connection)), or_unknown(PQport(connection)),
                       or_unknown(PQdb(connection)));
}

}  // namespace

Connection::Connection(Handle handle, std::chrono::milliseconds answer_timeout)
    : handle_{std::move(handle)}, answer_timeout_{answer_timeout} {
    PQsetNoticeReceiver(handle_.get(), receive_notice, warnings_.get());
}

void Connection::Finish::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

Result<Connection> Connection::open(const ConnectionSettings& settings) {
    // libpq's own words on a malformed URL quote it, with the password in it.
    std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed{
        PQconninfoParse(settings.url.reveal().c_str(), nullptr), &PQconninfoFree};
    if (parsed == nullptr) {
        return fail(
            ErrorCode::misconfigured,
            "the database URL cannot be read: it must be like postgresql://user:password@host:5432/name, "
            "with %40 for an @ in the password");
    }
    const std::string connect_timeout =
        fmt::format("{}", std::max<std::int64_t>(2, settings.connect_timeout.count() / 1000));
    // Ours come first: what the URL says itself overrides them. Keepalives and the user timeout end a line
    // whose other side is gone within about ten seconds.
    const std::array<const char*, 9> keys{"connect_timeout",     "application_name", "keepalives_idle",
                                          "keepalives_interval", "keepalives_count", "tcp_user_timeout",
                                          "client_encoding",     "dbname",           nullptr};
    const std::array<const char*, 9> values{connect_timeout.c_str(),
                                            settings.application_name.c_str(),
                                            "5",
                                            "2",
                                            "3",
                                            "10000",
                                            "UTF8",
                                            settings.url.reveal().c_str(),
                                            nullptr};
    Handle handle{PQconnectdbParams(keys.data(), values.data(), 1)};
    if (handle == nullptr) throw std::bad_alloc{};
    if (PQstatus(handle.get()) != CONNECTION_OK) {
        return fail(ErrorCode::unavailable, "cannot connect to Postgres at {}: {}", address_of(handle.get()),
                    one_line(PQerrorMessage(handle.get())));
    }
    PQsetnonblocking(handle.get(), 1);
    const std::string where = address_of(handle.get());
    const std::string script = session_script(settings, handle.get());
    const auto answer_timeout = settings.statement_timeout.count() > 0
                                    ? settings.statement_timeout + answer_grace
                                    : std::chrono::hours{24};
    Connection connection{std::move(handle), answer_timeout};
    try {
        connection.execute_script(script);
    } catch (const SqlError& error) {
        // 22023: there is no such role; 42501: the login is not a member of it.
        if (error.sqlstate() == "22023" || error.sqlstate() == "42501") {
            return fail(ErrorCode::misconfigured,
                        "the login of {} may not work as {}: run `tollgate migrate --grant-to LOGIN` as the "
                        "owner of the "
                        "database ({})",
                        where, settings.role, error.what());
        }
        return std::unexpected{error.error().within(fmt::format("Postgres at {}", where))};
    }
    return connection;
}

bool Connection::usable() const {
    return !lost_ && PQstatus(handle_.get()) == CONNECTION_OK;
}

bool Connection::closed_by_server() {
    if (!usable()) return true;
    pollfd socket{.fd = PQsocket(handle_.get()), .events = POLLIN, .revents = 0};
    // Nobody asked anything, so whatever can be read is a farewell.
    return poll(&socket, 1, 0) != 0;
}

std::int32_t Connection::backend_pid() const {
    return PQbackendPID(handle_.get());
}

std::int32_t Connection::server_version() const {
    return PQserverVersion(handle_.get());
}

void Connection::throw_lost() {
    lost_ = true;
    throw SqlError{ErrorCode::unavailable, "08006",
                   fmt::format("connection to Postgres at {} lost: {}", address_of(handle_.get()),
                               one_line(PQerrorMessage(handle_.get())))};
}

void Connection::wait_for_socket(bool also_writable, Deadline deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd socket{.fd = PQsocket(handle_.get()),
                  .events = static_cast<short>(also_writable ? POLLIN | POLLOUT : POLLIN),
                  .revents = 0};
    const int ready = left.count() <= 0 ? 0 : poll(&socket, 1, static_cast<int>(left.count()));
    if (ready == 0) {
        lost_ = true;
        throw SqlError{ErrorCode::timed_out, "",
                       fmt::format("Postgres at {} did not answer within {} ms", address_of(handle_.get()),
                                   answer_timeout_.count())};
    }
    if (ready < 0 && errno != EINTR) throw_lost();
}

void Connection::flush(Deadline deadline) {
    for (;;) {
        const int left = PQflush(handle_.get());
        if (left == 0) return;
        if (left < 0) throw_lost();
        wait_for_socket(true, deadline);
        // A server that waits for us to read would never take the rest.
        if (PQconsumeInput(handle_.get()) == 0) throw_lost();
    }
}

Rows Connection::receive(Deadline deadline) {
    flush(deadline);
    // All results are taken, also after an error: the connection must be idle for the next statement.
    Rows last{nullptr};
    std::unique_ptr<SqlError> error;
    for (;;) {
        while (PQisBusy(handle_.get()) == 1) {
            wait_for_socket(false, deadline);
            if (PQconsumeInput(handle_.get()) == 0) throw_lost();
        }
        PGresult* const result = PQgetResult(handle_.get());
        if (result == nullptr) break;
        Rows rows{result};
        const ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
            last = std::move(rows);
        } else if (error == nullptr) {
            error = std::make_unique<SqlError>(error_of(result));
        }
    }
    if (PQstatus(handle_.get()) != CONNECTION_OK) lost_ = true;
    if (error != nullptr) {
        if (lost_ && error->sqlstate().empty()) throw_lost();
        throw SqlError{*error};
    }
    if (lost_) throw_lost();
    return last;
}

const std::string* Connection::prepare(std::string_view sql, std::span<const TypeId> types,
                                       Deadline deadline) {
    // The same text with other parameter types is another statement.
    std::string key{sql};
    for (const TypeId type : types) key += fmt::format(",{}", type);
    if (const auto found = prepared_.find(key); found != prepared_.end()) return &found->second;
    if (prepared_.size() >= prepared_max) return nullptr;
    const std::string text{sql};
    const std::string name = fmt::format("s{}", prepared_.size());
    if (PQsendPrepare(handle_.get(), name.c_str(), text.c_str(), static_cast<int>(types.size()),
                      types.data()) == 0) {
        throw_lost();
    }
    receive(deadline);
    return &prepared_.emplace(std::move(key), name).first->second;
}

Rows Connection::run(std::string_view sql, std::span<const Param> params) {
    if (!usable()) throw_lost();
    std::vector<TypeId> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    for (const Param& param : params) {
        types.push_back(param.type());
        values.push_back(param.data());
        lengths.push_back(param.size());
    }
    const std::vector<int> formats(params.size(), 1);
    const int count = static_cast<int>(params.size());
    const Deadline deadline = std::chrono::steady_clock::now() + answer_timeout_;
    const std::string* const name = prepare(sql, types, deadline);
    const int sent = name != nullptr
                         ? PQsendQueryPrepared(handle_.get(), name->c_str(), count, values.data(),
                                               lengths.data(), formats.data(), 1)
                         : PQsendQueryParams(handle_.get(), std::string{sql}.c_str(), count, types.data(),
                                             values.data(), lengths.data(), formats.data(), 1);
    if (sent == 0) throw_lost();
    return receive(deadline);
}

Rows Connection::execute_script(const std::string& sql) {
    if (!usable()) throw_lost();
    const Deadline deadline = std::chrono::steady_clock::now() + answer_timeout_;
    if (PQsendQuery(handle_.get(), sql.c_str()) == 0) throw_lost();
    return receive(deadline);
}

}  // namespace tollgate::postgres
