// Which messages a consumer has taken on: a row for each, so that further copies are dropped.
#pragma once

#include <span>
#include <unordered_set>

#include "consumer/work.hpp"
#include "postgres/connection.hpp"

namespace tollgate::consumer {

// In the transaction of the work: those of the tasks that were not in it, and are from now on. Throws
// SqlError.
std::unordered_set<Uuid> claim(postgres::Transaction& tx, const Worker& worker, std::span<const Task> tasks);

// Those that are in it now.
Result<std::unordered_set<Uuid>> known(postgres::Connection& connection, const Worker& worker,
                                       std::span<const Task> tasks);

}  // namespace tollgate::consumer
