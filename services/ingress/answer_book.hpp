// Writes down what a process has answered, in transactions of its own; with a mark at its start and one at
// its end, so that of one that was killed it is seen that its last answers are not counted.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>

#include "ingress/answer_counts.hpp"
#include "postgres/connection.hpp"
#include "telemetry/metrics.hpp"

namespace tollgate::ingress {

class AnswerBook {
public:
    // Marks the start before it returns.
    static Result<std::unique_ptr<AnswerBook>> open(const postgres::ConnectionSettings& connection,
                                                    const Uuid& process, AnswerCounts& counts,
                                                    telemetry::Metrics& metrics);
    // Writes the last counts and marks the end: nobody counts any more.
    ~AnswerBook();
    AnswerBook(const AnswerBook&) = delete;
    AnswerBook& operator=(const AnswerBook&) = delete;

    // Until the next time, after one that took so long.
    static std::chrono::nanoseconds pause_after(bool written, std::chrono::nanoseconds taken);

private:
    AnswerBook(postgres::ConnectionSettings settings, postgres::Connection connection, const Uuid& process,
               Timestamp started_at, AnswerCounts& counts, telemetry::Metrics& metrics);

    void run(const std::stop_token& stop);
    Result<void> write(bool at_end);
    Result<void> write_on_line(bool at_end);
    Result<void> write_in_steps(Timestamp until, bool at_end, std::span<const AnswerCount> counts,
                                std::span<const Doubt> doubts);

    const postgres::ConnectionSettings settings_;
    const Uuid process_;
    const Timestamp started_at_;  // by the clock of the database
    AnswerCounts& counts_;
    telemetry::Gauge& failing_;
    std::optional<postgres::Connection> connection_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::ingress
