#include "postgres/transaction.hpp"

#include "telemetry/log.hpp"

namespace tollgate::postgres {

Transaction::Transaction(Connection& connection) : connection_{connection} {
    connection_.execute_script("begin");
}

Transaction::~Transaction() {
    if (!open_ || !connection_.usable()) return;
    try {
        connection_.execute_script("rollback");
    } catch (const SqlError& error) {
        // The connection is unusable by now, and the server rolls back what it loses.
        telemetry::log::debug("rollback failed", {{"error", error.what()}});
    }
}

void Transaction::commit() {
    open_ = false;
    const std::size_t warnings = connection_.warnings();
    try {
        const Rows answer = connection_.execute_script("commit");
        // A transaction that failed before answers a commit with "ROLLBACK", and no error.
        if (answer.command() != "COMMIT") {
            throw SqlError{ErrorCode::internal, "25P02", "a transaction that had failed was committed"};
        }
    } catch (const SqlError& error) {
        // An SQLSTATE is the server's own word that it did not commit. Without one the answer was lost.
        const bool told = !error.sqlstate().empty() && connection_.usable();
        if (told) throw;
        throw SqlError{ErrorCode::in_doubt, error.sqlstate(),
                       fmt::format("the answer to a commit was lost: {}", error.what())};
    }
    // Told to wait for a standby, the server gave up waiting: committed here, and perhaps nowhere else.
    if (connection_.warnings() != warnings) {
        throw SqlError{ErrorCode::in_doubt, "", "Postgres committed without waiting for its standby"};
    }
}

}  // namespace tollgate::postgres
