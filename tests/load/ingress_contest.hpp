// Ingress and pgbench, each alone with the same tables, one after the other.
#pragma once

#include <chrono>
#include <optional>

#include "load/generator.hpp"
#include "load/ingress_server.hpp"
#include "load/ingress_tables.hpp"
#include "load/pgbench.hpp"

namespace tollgate::load {

struct Load {
    std::size_t body_bytes = 1024;
    std::size_t connections = 1;
    std::chrono::seconds length{};
    std::optional<double> per_second;  // an open loop's rate
};

struct IngressRun {
    Tally tally;
    double requests_per_commit = 0;
    double wal_bytes_per_event = 0;
    // Seconds of a core for one request.
    double generator_cpu = 0;
    double ingress_cpu = 0;
    double postgres_cpu = 0;
};

class IngressContest {
public:
    explicit IngressContest(const Surroundings& surroundings);

    IngressTables& tables() { return tables_; }
    const IngressServer& server() const { return server_; }

    // Into the tables as they are. Afterwards they are compared with what was acknowledged.
    IngressRun run_ingress(const Load& load);
    PgbenchRun run_pgbench(const PgbenchSettings& settings);

    // Of all runs: answers other than 200, or none; events that are stored and were not acknowledged,
    // acknowledged and are not stored, or acknowledged in two ways.
    std::uint64_t not_200() const { return not_200_; }
    std::uint64_t inexact() const { return inexact_; }

private:
    // Gives how many events are stored.
    std::uint64_t compare(const Tally& tally, Timestamp since);

    IngressTables tables_;
    IngressServer server_;
    std::optional<Pgbench> pgbench_;
    std::uint64_t seed_;
    std::uint64_t not_200_ = 0;
    std::uint64_t inexact_ = 0;
};

}  // namespace tollgate::load
