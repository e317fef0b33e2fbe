// How full the journal is and how far its readers are, and what the whole database takes: as metrics, and as
// the bound that ingress asks for before it takes more in. Any process may watch; what it asks the database
// does not grow with the journal.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "journal/readers.hpp"
#include "postgres/connection.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::journal {

struct State {
    int child = 0;    // which takes what is appended now
    Timestamp since;  // when
    std::uint64_t bytes = 0;
    Timestamp read_at;  // by the database's clock
    std::vector<ReaderState> readers;
};

Result<State> read_state(postgres::Connection& connection);
// As part of what else the transaction does.
State read_state(postgres::Transaction& tx);

struct WatchSettings {
    std::uint64_t bytes_max = 8ULL << 30U;  // of the journal; beyond it ingress refuses
    std::uint64_t database_bytes_max = 0;   // of all of the database; 0: nobody has said
    std::chrono::milliseconds look_every{1000};
    std::chrono::milliseconds measure_every{
        std::chrono::minutes{1}};  // the database: it asks each file's size
};

class Watch {
public:
    Watch(postgres::ConnectionSettings connection, const WatchSettings& settings,
          telemetry::Metrics& metrics);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    // Beyond bytes_max, when last looked. Consumers and operators append all the same.
    bool is_full() const { return full_; }

private:
    struct ReaderGauges {
        telemetry::Gauge* registered;
        telemetry::Gauge* unread;
        telemetry::Gauge* behind;
    };

    void run(const std::stop_token& stop);
    void show(const State& state);
    void measure_when_due(postgres::Connection& connection);
    void warn(std::uint64_t bytes);
    ReaderGauges& gauges_of(const std::string& reader);

    const postgres::ConnectionSettings connection_settings_;
    const WatchSettings settings_;
    telemetry::Metrics& metrics_;
    telemetry::Gauge& bytes_;
    telemetry::Gauge& child_age_;
    telemetry::Gauge& database_bytes_;
    std::chrono::steady_clock::time_point measure_at_{};
    std::map<std::string, ReaderGauges> readers_;
    std::atomic<bool> full_ = false;
    bool warned_ = false;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::journal
