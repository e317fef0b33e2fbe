// A transaction as a function: begin, body, commit, and a Result of what the body returned.
//
//   auto balance = transact(pool, [&](Transaction& tx) {
//       return tx.execute("select balance from ...", id).only().get<std::int64_t>(0);
//   });
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include "core/result.hpp"
#include "postgres/connection.hpp"

namespace tollgate::postgres {

// Open from construction until commit; rolled back when it goes without one. A commit whose answer is lost
// throws SqlError in_doubt: it may have happened.
class Transaction {
public:
    explicit Transaction(Connection& connection);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    template <typename... Args>
    Rows execute(std::string_view sql, const Args&... args) {
        return connection_.execute(sql, args...);
    }

    void commit();

    Connection& connection() { return connection_; }

private:
    Connection& connection_;
    bool open_ = true;
};

template <typename T>
constexpr bool is_result = false;
template <typename T>
constexpr bool is_result<std::expected<T, Error>> = true;

// A body that returns a Result rolls back when it returns an error.
template <typename Body>
auto transact(Connection& connection, Body&& body) {
    using Value = std::invoke_result_t<Body, Transaction&>;
    using Outcome = std::conditional_t<is_result<Value>, Value, Result<Value>>;
    try {
        Transaction transaction{connection};
        if constexpr (std::is_void_v<Value>) {
            std::forward<Body>(body)(transaction);
            transaction.commit();
            return Outcome{};
        } else {
            Outcome outcome{std::forward<Body>(body)(transaction)};
            if (outcome) transaction.commit();
            return outcome;
        }
    } catch (const SqlError& error) {
        return Outcome{std::unexpected{error.error()}};
    }
}

}  // namespace tollgate::postgres
