// Which bus carries the journal's entries to consumers: the journal itself, or Kafka. It is a row in
// Postgres, so that all processes mean the same one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "postgres/pool.hpp"
#include "tenants/actor.hpp"

namespace tollgate::consumer {

enum class Bus { journal, kafka };

std::string_view name(Bus bus);
Result<Bus> parse_bus(std::string_view text);

struct BusState {
    Bus bus = Bus::journal;
    Timestamp since;
    // Consumers that a switch back to the journal registers as its readers. Meant while Kafka is the bus.
    std::vector<std::string> retired_readers;
    // Consumers that what is stored comes to again, because a bus may not have brought them all of it.
    std::vector<std::string> refilling;
};

BusState read_bus(postgres::Transaction& tx);

// At the start of a process that was made for this bus: `misconfigured`, and what to do, if it is another.
Result<void> require_bus(postgres::Pool& pool, Bus mine);

// Who is in the way of a switch by the lease of a duty: that of one of the bus, or of any at all. Keeping the
// journal and dropping old days are the same on both. Connected consumers are in the way of every switch.
enum class InTheWay { who_uses_the_bus, everybody };

struct BusSwitch {
    Bus from = Bus::journal;
    Bus to = Bus::journal;             // what it is now; the same: nothing was done
    std::vector<std::string> readers;  // of the journal that were retired, or registered
    // To Kafka: what the relay has before it. Back: what it had not put there. At most.
    std::int64_t unread = 0;

    bool changed() const { return from != to; }
};

// The operator's verb. In one transaction: to Kafka, the relay begins where the reader furthest behind stood,
// and the readers are retired; back, the readers begin at the newest tick, and the relay is retired.
// `conflict` while somebody is in the way.
Result<BusSwitch> switch_bus(postgres::Transaction& tx, const tenants::Actor& actor, Bus to, InTheWay who,
                             std::string_view reason);

// For `tollgate migrate --bus`, which comes with every deployment: says the bus to a database that was never
// told one, and leaves one alone that was.
Result<BusSwitch> begin_with_bus(postgres::Transaction& tx, const tenants::Actor& actor, Bus to,
                                 std::string_view reason);

}  // namespace tollgate::consumer
