// The rows that ingress writes, written by pgbench alone, for comparison: into the same tables and indexes,
// each event with its key and its entry, by one prepared statement a transaction, the bodies sent by the
// client each time.
//
// pgbench sends text and no arrays: the bodies of a statement come put together in parameters of some hundred
// kilobytes, which the server cuts apart. That costs the server less than text or arrays of it would; ids and
// keys are random numbers that it makes itself.
#pragma once

#include <chrono>
#include <optional>

#include "load/database.hpp"
#include "load/latency.hpp"

namespace tollgate::load {

struct PgbenchSettings {
    std::size_t body_bytes = 1024;
    std::size_t rows_per_transaction = 1;
    std::size_t connections = 1;
    std::chrono::seconds length{};
    bool latencies = false;  // measures each transaction too
};

struct PgbenchRun {
    double rows_per_second = 0;  // from when all are connected
    double rows = 0;
    double wal_bytes_per_row = 0;
    double postgres_cpu_per_row = 0;  // seconds of a core
    Latencies latencies;              // of transactions, if that was asked for
};

// All but bodies, ids and keys is as in the newest event that ingress has written; there must be one.
class Pgbench {
public:
    static Pgbench like_newest_event(const Surroundings& surroundings);

    PgbenchRun run(const PgbenchSettings& settings) const;

private:
    Pgbench(std::string database_url, std::string key_row, std::string event_row)
        : database_url_{std::move(database_url)},
          key_row_{std::move(key_row)},
          event_row_{std::move(event_row)} {}

    std::string database_url_;
    // The values of all columns but those that differ between rows.
    std::string key_row_;
    std::string event_row_;
};

}  // namespace tollgate::load
