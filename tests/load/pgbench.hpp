// The rows that a service writes, written by pgbench alone, for comparison: into the same tables and indexes,
// by one prepared statement a transaction, the bodies sent by the client each time.
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

class Pgbench {
public:
    // Stands for the body of a row.
    static constexpr std::string_view body = "{body}";

    // As ingress writes them: each event with its key and its entry. All but bodies, ids and keys is as in
    // the newest event that ingress has written; there must be one.
    static Pgbench like_newest_event(const Surroundings& surroundings);

    // The end of a statement that begins with a row of `event (id, key)` for each that is to be written and
    // one of `bodies`, to be joined for a body. It begins with ", name as (insert ...)" or with " insert
    // ...".
    static Pgbench inserting(const Surroundings& surroundings, std::string inserts) {
        return {surroundings.database_url, std::move(inserts)};
    }

    PgbenchRun run(const PgbenchSettings& settings) const;

private:
    Pgbench(std::string database_url, std::string inserts)
        : database_url_{std::move(database_url)}, inserts_{std::move(inserts)} {}

    std::string database_url_;
    std::string inserts_;
};

}  // namespace tollgate::load
