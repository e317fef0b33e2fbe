// Days are tables, made ahead of the time when events go into them. A day begins at midnight UTC.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "core/result.hpp"
#include "core/uuid.hpp"
#include "postgres/connection.hpp"

namespace tollgate::archive {

// Yesterday, today and so many after it (30 at most), by the database's clock. Gives how many were not there.
// Any number of processes may do it at the same time, and nobody who writes or reads waits for it.
Result<int> make_days(postgres::Connection& connection, int ahead);

// For an event that no day takes: its write was unavailable, with SQLSTATE 23514. Then write again, in
// another transaction. Costs one look when the day is there. More than 40 days back or 30 ahead is
// misconfigured: the clock that made the id is wrong, or the database's.
Result<void> make_day_of(postgres::Connection& connection, const Uuid& id);

// Ids for the events of one request, whose bytes are stored once: all are of one day, also when it ends in
// between.
std::vector<Uuid> make_ids_of_one_day(std::size_t count, const std::function<Uuid()>& make_id = make_uuid_v7);

}  // namespace tollgate::archive
