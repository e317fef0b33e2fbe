// Writes down what a process has answered, in transactions of its own; with a mark at its start and one at
// its end, so that of one that was killed it is seen that its last answers are not counted.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
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

private:
    AnswerBook(postgres::ConnectionSettings settings, postgres::Connection connection, const Uuid& process,
               AnswerCounts& counts, telemetry::Metrics& metrics);

    void run(const std::stop_token& stop);
    Result<void> write(bool at_end);
    Result<void> write_on_line(bool at_end);

    const postgres::ConnectionSettings settings_;
    const Uuid process_;
    AnswerCounts& counts_;
    telemetry::Gauge& failing_;
    std::optional<postgres::Connection> connection_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tollgate::ingress
