// What `tollgate doctor` looks at. Nothing here changes anything.
#pragma once

#include <string>

#include "crypto/keyring.hpp"
#include "postgres/connection.hpp"
#include "postgres/transaction.hpp"
#include "process/database_check.hpp"
#include "process/journal_config.hpp"
#include "process/kafka_config.hpp"
#include "process/seal_config.hpp"
#include "relay/config.hpp"
#include "tollgate/findings.hpp"

namespace tollgate {

struct Examined {
    process::DatabaseConfig database;
    process::SealConfig seal;
    process::KafkaConfig kafka;
    process::JournalConfig journal;
    relay::Config relay;
    std::string data_directory;  // of Postgres, where it is on this machine

    postgres::ConnectionSettings as(const std::string& role) const {
        return database.connection("tollgate doctor", role);
    }
};

// In one transaction of this role.
template <typename Look>
void look(const Examined& examined, const std::string& role, const std::string& about, Findings& findings,
          Look&& look) {
    auto connection = postgres::Connection::open(examined.as(role));
    if (!connection) {
        findings.failed(about, connection.error());
        return;
    }
    const auto looked = postgres::transact(*connection, [&](postgres::Transaction& tx) -> Result<void> {
        std::forward<Look>(look)(tx);
        return {};
    });
    if (!looked) findings.failed(about, looked.error());
}

// False if nothing else in the database can be looked at.
bool examine_database(const Examined& examined, Findings& findings);
void examine_disk(const Examined& examined, Findings& findings);
void examine_keys(const Examined& examined, Findings& findings);

// The bus, and where it is Kafka the brokers and their topics.
void examine_bus(const Examined& examined, Findings& findings);

// Who is at work, how full the journal is, what consumers have not done, which destinations are out of order.
void examine_work(const Examined& examined, Findings& findings);
void examine_consumers(const Examined& examined, Findings& findings);

}  // namespace tollgate
