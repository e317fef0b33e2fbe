// A journal and its events put onto a topic: by the relay, by a bare producer that is fed by COPY, and by a
// relay that claims rows and deletes them.
#pragma once

#include <cstdint>
#include <string>

#include "kafka/admin.hpp"
#include "load/backlog.hpp"
#include "support/service_process.hpp"

namespace tollgate::load {

// As it is shipped.
test::ServiceProcess start_relay(const Surroundings& surroundings, const std::string& topic_prefix);

class RelayContest {
public:
    // Fills the archive with so many events, of bodies like Stripe's.
    RelayContest(const Surroundings& surroundings, std::uint64_t events, std::size_t body_bytes);

    void warm_up();

    // Each gives seconds for an event, all of which are acknowledged then.
    double by_relay();  // from the start of its process until its position is behind the last
    double by_bare_producer();
    double by_claim_and_delete();

private:
    void begin_topics();
    void end_topics();

    const Surroundings& surroundings_;
    std::uint64_t events_;
    Backlog backlog_;
    postgres::Connection connection_;
    kafka::Admin admin_;
    std::string prefix_;
};

}  // namespace tollgate::load
