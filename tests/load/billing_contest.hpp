// The road of raw events to the ledger, stage by stage and each alone: enrichment, then billing; and a
// runtime that writes a row for each of the same events.
#pragma once

#include <cstdint>
#include <optional>

#include "journal/keeper.hpp"
#include "load/backlog.hpp"
#include "load/consumer_drain.hpp"
#include "load/latency.hpp"

namespace tollgate::load {

struct Stages {
    Drain enrichment;
    Drain billing;
};

class BillingContest {
public:
    // Fills the archive with so many events.
    BillingContest(const Surroundings& surroundings, std::uint64_t events);

    // Throws if one of them is not done, or a payment not booked.
    Stages by_services();
    // Seconds.
    double by_rows();
    // What enrichment takes more for one event when it looks companies up, all of which it knows already.
    Latencies looked_up(std::uint64_t events);

private:
    // Has read nothing yet.
    void register_anew(const std::string& consumer, const std::string& input, const std::string& role);
    void check();

    const Surroundings& surroundings_;
    std::uint64_t events_;
    postgres::Connection connection_;
    Backlog backlog_;
    telemetry::Metrics metrics_;
    std::optional<journal::Keeper> keeper_;
};

}  // namespace tollgate::load
