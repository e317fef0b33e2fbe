// Which consumers there are: each says at its start who it is and what it reads. From then on no day of
// events is dropped that it has not got.
#pragma once

#include <optional>
#include <string>

#include "core/uuid.hpp"
#include "postgres/connection.hpp"

namespace tollgate::consumer {

// What one that was not there before begins with: all that is stored, or what is accepted from now on.
enum class Beginning { all_that_is_stored, from_now };

struct Registration {
    std::string name;  // of the consumer: its group, and its reader of the journal
    std::string input = "raw";
    Beginning beginning = Beginning::all_that_is_stored;
};

// Gives the first id that is due to it. Safe to repeat; `misconfigured` if it reads another topic.
Result<Uuid> register_consumer(postgres::Connection& connection, const Registration& registration);

// What was held because this build could not read it, and now can, is tried again; gives how many.
Result<std::int64_t> release_readable(postgres::Connection& connection, const std::string& consumer);

// Of every consumer, after a restore: buses have what the database has forgotten, or the other way round.
// Gives how many. As the owner.
Result<std::int64_t> ask_for_refills(postgres::Connection& connection, std::string_view because);

// Stored events appended to the journal again, for a consumer that a bus did not bring them to.
struct Refilled {
    std::int32_t looked_at = 0;
    std::int32_t appended = 0;
    bool ended = true;
};
// A step of so many events; `ended` also when nothing is due, or another member is at it.
Result<Refilled> refill(postgres::Connection& connection, const std::string& consumer, std::int32_t events);

}  // namespace tollgate::consumer
