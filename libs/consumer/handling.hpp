// One call of a handler, with whatever it may do wrong.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "consumer/handler.hpp"

namespace tollgate::consumer {

// What splits a batch, until the message at fault stands alone: data that Postgres refuses, a rejection, an
// exception, an answer that is none. All else is nobody's fault and makes the batch wait.
struct Fault {
    std::string reason;
    bool rejected = false;  // dead at once; else it was an attempt
};

// A step that failed, and whether messages were at fault.
struct Failure {
    Error error;
    std::optional<Fault> fault;
};
template <typename T>
using Handled = std::expected<T, Failure>;

Handled<void> prepare(Handler& handler, std::span<const Task> batch,
                      std::chrono::steady_clock::time_point end);

// Of a failure that is nobody's at first: whether one message may be what brings it, by what it takes.
bool may_be_its_own(ErrorCode code);

// Of a transaction that failed after the handler had answered: what is checked at the commit alone, and what
// a handler did that caught an SqlError.
std::optional<Fault> fault_of_commit(const Error& error, std::string_view sqlstate);

// Throws SqlError for what is nobody's fault. After a failure the transaction must not be committed.
Handled<std::vector<Outcome>> apply(Handler& handler, postgres::Transaction& tx, std::span<const Task> batch);

}  // namespace tollgate::consumer
