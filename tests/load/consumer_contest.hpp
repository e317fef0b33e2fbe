// A consumer's runtime beside what has nothing else to do: a bare consumer of the same topic, and pgbench
// that inserts the same rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "journal/keeper.hpp"
#include "kafka/admin.hpp"
#include "load/backlog.hpp"
#include "load/consumer_drain.hpp"

namespace tollgate::load {

class ConsumerContest {
public:
    // Fills the archive with so many events. The journal carries them until `turn_to_kafka`.
    ConsumerContest(const Surroundings& surroundings, std::uint64_t events);

    // Puts them onto a topic.
    void turn_to_kafka();

    // Each gives seconds for an event.
    double by_runtime(Effect effect);  // throws if what it leaves is not exactly the events
    double by_bare_consumer();
    // One connection, in batches as large as the runtime's were last. The handler's rows, or the inbox's too.
    double by_pgbench(bool also_inbox);

    // Of all that the runtime has done on this bus.
    double mean_batch() const;

private:
    void empty_tables();
    void check(const std::string& consumer, Effect effect);

    const Surroundings& surroundings_;
    std::uint64_t events_;
    postgres::Connection connection_;
    Backlog backlog_;
    consumer::Bus bus_ = consumer::Bus::journal;
    std::string topic_prefix_;
    std::uint64_t drained_ = 0;
    std::uint64_t batches_ = 0;
    telemetry::Metrics metrics_;
    std::optional<journal::Keeper> keeper_;  // while the journal is the bus
};

}  // namespace tollgate::load
