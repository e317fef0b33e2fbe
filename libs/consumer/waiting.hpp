// What consumers have not taken up of the events that are stored, and whether anybody runs who would.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "postgres/transaction.hpp"

namespace tollgate::consumer {

// Beyond so many it is not said how many.
inline constexpr std::int64_t waiting_counted_max = 1000;

struct Waiting {
    std::int64_t number = 0;
    bool has_more = false;            // there may be more, and older ones
    std::optional<Timestamp> oldest;  // when it was received

    std::string text() const;  // "12", "1000+", "?" where none is among those looked at
};

// Of what was received before that time, of tenants that the transaction may see.
Waiting count_waiting(postgres::Transaction& tx, const std::string& consumer, Timestamp before);

// By the name of each registered consumer how many connections its processes have to this database. A process
// of a consumer always has one, whatever the bus; a member that reads from Kafka has no lease.
std::map<std::string, std::int64_t> count_connections(postgres::Transaction& tx);

}  // namespace tollgate::consumer
