// Which sources were heard: gathered in memory, written now and then; and how many are silent that normally
// speak.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <unordered_map>

#include "core/uuid.hpp"
#include "postgres/connection.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::ingress {

struct HearingSettings {
    std::chrono::milliseconds write_every{std::chrono::minutes{1}};
};

class Hearing {
public:
    Hearing(postgres::ConnectionSettings connection, const HearingSettings& settings,
            telemetry::Metrics& metrics);
    // Writes what is not written yet.
    ~Hearing();
    Hearing(const Hearing&) = delete;
    Hearing& operator=(const Hearing&) = delete;

    // Safe from any thread; only notes it.
    void heard(const Uuid& tenant, const Uuid& source);

private:
    using Sources = std::unordered_map<Uuid, Uuid>;  // and whose they are

    void run(const std::stop_token& stop);
    // What was heard, and then who was not. What cannot be written is kept for the next time.
    void write_and_count();
    Result<void> write(const Sources& sources);

    const postgres::ConnectionSettings connection_settings_;
    const HearingSettings settings_;
    telemetry::Gauge& silent_;
    std::optional<postgres::Connection> connection_;
    std::string told_;  // so that one trouble is one line in the log
    std::mutex mutex_;
    Sources heard_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::ingress
