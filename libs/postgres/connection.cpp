#include "postgres/connection.hpp"

#include <vector>

#include <libpq-fe.h>
#include <poll.h>

#include "postgres/libpq_text.hpp"
#include "telemetry/log.hpp"

namespace tollgate::postgres {

namespace {

std::string_view field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string_view{} : text;
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

// libpq would print what the server remarks on stderr, past our log.
void receive_notice(void* warnings, const PGresult* notice) {
    if (field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) != "WARNING") return;
    ++*static_cast<std::size_t*>(warnings);
    telemetry::log::warning("postgres warns",
                            {{"warning", one_line(field(notice, PG_DIAG_MESSAGE_PRIMARY))},
                             {"warning_detail", one_line(field(notice, PG_DIAG_MESSAGE_DETAIL))}});
}

}  // namespace

Connection::Connection(Handle handle, std::chrono::milliseconds answer_timeout)
    : handle_{std::move(handle)}, answer_timeout_{answer_timeout} {
    PQsetNoticeReceiver(handle_.get(), receive_notice, warnings_.get());
}

void Connection::Finish::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

bool Connection::idle() const {
    return usable() && PQtransactionStatus(handle_.get()) == PQTRANS_IDLE;
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

void Connection::throw_lost() {
    lost_ = true;
    throw SqlError{ErrorCode::unavailable, "08006",
                   fmt::format("connection to Postgres at {} lost: {}", address_of(handle_.get()),
                               one_line(PQerrorMessage(handle_.get())))};
}

void Connection::wait_for_socket(bool also_writable, Deadline deadline) {
    const auto events = static_cast<short>(also_writable ? POLLIN | POLLOUT : POLLIN);
    if (is_ready(PQsocket(handle_.get()), events, deadline)) return;
    lost_ = true;
    throw SqlError{ErrorCode::timed_out, "",
                   fmt::format("Postgres at {} did not answer within {} ms", address_of(handle_.get()),
                               answer_timeout_.count())};
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
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            // It would go on giving this result for ever.
            lost_ = true;
            throw SqlError{ErrorCode::internal, "", "COPY is not a statement for this connection"};
        }
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
            last = std::move(rows);
        } else if (error == nullptr) {
            error = std::make_unique<SqlError>(error_of(result));
        }
    }
    if (PQstatus(handle_.get()) != CONNECTION_OK) lost_ = true;
    if (error != nullptr) {
        // A prepared statement whose table a migration has changed fails for ever on this connection.
        if (error->sqlstate() == "0A000") lost_ = true;
        if (lost_ && error->sqlstate().empty()) throw_lost();
        throw SqlError{*error};
    }
    if (lost_) throw_lost();
    return last;
}

void Connection::forget_old_plans(Deadline deadline) {
    const auto now = std::chrono::steady_clock::now();
    if (plans_last_.count() == 0 || now < plans_end_) return;
    if (PQtransactionStatus(handle_.get()) == PQTRANS_INERROR) return;
    if (PQsendQuery(handle_.get(), "discard plans") == 0) throw_lost();
    receive(deadline);
    plans_last_ = std::min(2 * plans_last_, plans_last_most);
    plans_end_ = now + plans_last_;
}

const std::string* Connection::prepare(std::string_view sql, std::span<const TypeId> types,
                                       Deadline deadline) {
    // The same text with other parameter types is another statement.
    std::string key{sql};
    for (const TypeId type : types) key += fmt::format("{}{}", '\0', type);
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
    forget_old_plans(deadline);
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

bool Connection::wait_for_notification(std::chrono::milliseconds pause) {
    const Deadline deadline = std::chrono::steady_clock::now() + pause;
    for (;;) {
        if (!usable() || PQconsumeInput(handle_.get()) == 0) throw_lost();
        bool any = false;
        for (PGnotify* one = PQnotifies(handle_.get()); one != nullptr; one = PQnotifies(handle_.get())) {
            PQfreemem(one);
            any = true;
        }
        if (any) return true;
        if (!is_ready(PQsocket(handle_.get()), POLLIN, deadline)) return false;
    }
}

}  // namespace tollgate::postgres
