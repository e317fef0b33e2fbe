// The tables that ingress writes, between the runs: emptied, filled, and compared with what was acknowledged.
#pragma once

#include <chrono>
#include <cstdint>

#include "load/database.hpp"
#include "load/tally.hpp"
#include "postgres/connection.hpp"

namespace tollgate::load {

class IngressTables {
public:
    // Makes them.
    explicit IngressTables(const Surroundings& surroundings);

    // None, and a checkpoint behind it: each run pays for the checkpoint of its own pages alone.
    void empty();
    void checkpoint();

    // Events of 200 bytes in archive and ledger, evenly over the five weeks before now. Their indexes are
    // built when they are there.
    void fill(std::uint64_t rows);

    // What is in the tables of the events received since then.
    struct Stored {
        std::uint64_t acknowledged = 0;  // distinct ids
        std::uint64_t events = 0;
        std::uint64_t acknowledged_events = 0;
        std::uint64_t entries = 0;
        std::uint64_t keys = 0;

        bool is_exact() const {
            return events == acknowledged && acknowledged_events == acknowledged && entries == acknowledged &&
                   keys == acknowledged;
        }
    };
    Stored stored(const Tally& tally, Timestamp since);

    std::int64_t wal_bytes();  // ever written
    double cpu_seconds();      // of the server's processes, running and ended

private:
    const Surroundings surroundings_;
    postgres::Connection connection_;
};

}  // namespace tollgate::load
