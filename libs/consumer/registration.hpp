// Which consumers there are: each says at its start who it is and what it reads. From then on no day of
// events is dropped that it has not got.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "consumer/waiting.hpp"
#include "core/uuid.hpp"
#include "postgres/transaction.hpp"
#include "tenants/actor.hpp"

namespace tollgate::consumer {

// What one that was not there before begins with: all that is stored, or what is accepted from now on. Now is
// by the database's clock, and an event's time by that of who received it: where that one is behind, what it
// accepts in this moment may be of before, and is not due.
enum class Beginning { all_that_is_stored, from_now };

struct Registration {
    std::string name;  // of the consumer: its group, and its reader of the journal
    std::string input = "raw";
    Beginning beginning = Beginning::all_that_is_stored;
};

// Gives the first id that is due to it. Safe to repeat; `misconfigured` if it reads another topic.
Result<Uuid> register_consumer(postgres::Connection& connection, const Registration& registration);

// What was held because this build could not read it, and now can, is tried again: so many at most. Gives how
// many these were.
Result<std::int64_t> release_readable(postgres::Connection& connection, const std::string& consumer,
                                      std::int64_t limit);

// Of every consumer, after a restore: buses have what the database has forgotten, or the other way round.
// Gives how many. As the owner.
Result<std::int64_t> ask_for_refills(postgres::Connection& connection, std::string_view because);

// A consumer as operators see it.
struct ConsumerState {
    std::string name;
    std::string input;
    Timestamp registered_at;
    bool refilling = false;
    std::int64_t retrying = 0;
    std::int64_t held = 0;
    std::int64_t dead = 0;
    Waiting waiting;
};
Result<std::vector<ConsumerState>> list_consumers(postgres::Transaction& tx, const tenants::Actor& actor);

// For verbs that have a consumer do something: `invalid` if none of that name is registered.
Result<void> require_registered(postgres::Transaction& tx, std::string_view name);

// One that does not come back: from here on neither days of events nor entries of the journal are kept for
// it.
Result<void> retire_consumer(postgres::Transaction& tx, const tenants::Actor& actor, const std::string& name,
                             std::string_view reason);

// Stored events appended to the journal again, for a consumer that a bus did not bring them to.
struct Refilled {
    std::int32_t looked_at = 0;
    std::int32_t appended = 0;
    bool ended = true;
};
// A step of so many events; `ended` also when nothing is due, or another member is at it.
Result<Refilled> refill(postgres::Connection& connection, const std::string& consumer, std::int32_t events);

}  // namespace tollgate::consumer
