// The bus that `tollgate up` is configured for, where the row in Postgres says another.
#pragma once

#include <optional>
#include <string>

#include "postgres/pool.hpp"
#include "process/database_check.hpp"
#include "process/kafka_config.hpp"
#include "process/process.hpp"

namespace tollgate {

struct BusChoice {
    std::string use = "unchanged";

    void declare(process::Settings& settings);
    // Whether this process could run on the bus that it asks for. Asked before anything is touched: a bus
    // that was turned stays turned, whoever turned it.
    Result<void> fits(const process::KafkaConfig& kafka) const;
};

// Once the database is fit for use, and before any lease is taken. Changes the row if no other process holds
// a lease; else, or if it cannot, gives the code to end with.
std::optional<process::Exit> settle_bus(process::Process& process, postgres::Pool& pool,
                                        const process::DatabaseConfig& database, const BusChoice& choice);

}  // namespace tollgate
