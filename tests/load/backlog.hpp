// Events that wait to be read: stored, and then put where a benchmark reads them.
#pragma once

#include <cstdint>
#include <string>

#include "load/database.hpp"

namespace tollgate::load {

// For what takes as long as it takes.
postgres::ConnectionSettings patient(const Surroundings& surroundings);

class Backlog {
public:
    // Fills the archive, which was empty or is now, with so many events of bodies like Stripe's.
    Backlog(const Surroundings& surroundings, std::uint64_t events, std::size_t body_bytes);

    // An entry for each event, in commits as they come from an ingress under load. Ticks are a keeper's.
    void put_into_journal();
    // A record for each event, as the relay would write it, by a producer that has nothing else to do. Gives
    // how many; all are acknowledged.
    std::uint64_t put_onto(const std::string& topic);

private:
    const Surroundings& surroundings_;
    std::uint64_t events_;
    postgres::Connection connection_;
};

}  // namespace tollgate::load
