// A journal in a database of its own, driven step by step: who appends, ticks and reads is the test's to say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journal/append.hpp"
#include "journal/reader.hpp"
#include "journal/readers.hpp"
#include "journal/tenure.hpp"
#include "support/database.hpp"
#include "support/postgres_server.hpp"

namespace tollgate::test {

extern const std::vector<const postgres::Schema*> journal_schemas;

// Entries are told apart by a number in their event's id.
Uuid event(std::int64_t number);
std::int64_t number_of(const Uuid& event);
std::vector<std::int64_t> numbers(const journal::Batch& batch);

// The value, or the test fails with the error's words.
template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// A transaction that stays open between steps; aborted if it is not committed.
class OpenTransaction {
public:
    explicit OpenTransaction(const postgres::ConnectionSettings& settings);

    void append(std::vector<std::int64_t> events, const std::string& topic = "raw");
    void take_xid();  // so that it is in progress, in snapshots too
    void commit();
    void abort();
    std::int32_t backend_pid() const { return connection_.backend_pid(); }

private:
    postgres::Connection connection_;
    std::optional<postgres::Transaction> transaction_;
};

// Never times out under a slow test.
postgres::ConnectionSettings patient(postgres::ConnectionSettings settings);

// Migrates a test's own server, and gives the settings for its services' login in this role.
postgres::ConnectionSettings migrate(const PostgresServer& server, const std::string& role);

void append(const postgres::ConnectionSettings& settings, std::vector<std::int64_t> events,
            const std::string& topic = "raw");

class Journal {
public:
    Journal();

    const Database& database() const { return database_; }
    postgres::ConnectionSettings settings(const std::string& service = "ingress") const;

    void append(std::vector<std::int64_t> events, const std::string& topic = "raw");
    bool tick() { return must(tenure_.tick_if_due()); }
    // Rotates however little there is.
    journal::Tenure::Tidied tidy_at_once();
    // Waits for a transaction of the one before, as whoever takes over does.
    void begin_tenure();

    postgres::Connection& connection() { return connection_; }

private:
    Database database_;
    postgres::Connection connection_;
    std::int64_t epoch_ = 1;
    journal::Tenure tenure_;
};

// A registered reader, on a connection of its own.
class TestReader {
public:
    // Of a name that is registered already.
    TestReader(const postgres::ConnectionSettings& settings, std::string name, std::int64_t first_epoch);
    TestReader(const Journal& journal, std::string name, std::vector<std::string> topics = {},
               std::int64_t first_epoch = 1);
    // The reader knows the place of its connection.
    TestReader(const TestReader&) = delete;
    TestReader& operator=(const TestReader&) = delete;

    // As a process that takes over: with the next epoch, from the position that was committed last.
    void take();
    Result<journal::Reader> try_take(std::int64_t epoch);
    // The next batch, with the position moved and committed.
    std::vector<std::int64_t> read(std::size_t limit = 1000);
    // Until nothing new is there.
    std::vector<std::int64_t> read_all(std::size_t limit = 1000);
    Result<void> move(const journal::Position& after);

    journal::Reader& reader() { return *reader_; }
    postgres::Connection& connection() { return connection_; }

private:
    postgres::Connection connection_;
    std::string name_;
    std::vector<std::string> topics_;
    std::int64_t epoch_;  // the last that it took
    std::optional<journal::Reader> reader_;
};

}  // namespace tollgate::test
