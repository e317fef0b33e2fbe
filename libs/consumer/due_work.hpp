// Works off the rows of consumer.work that are due, with the same handler and without Kafka or the journal.
// Any number of members may: each claims what it runs for as long as that may take.
#pragma once

#include <cstddef>
#include <vector>

#include "consumer/stream_work.hpp"

namespace tollgate::consumer {

class DueWork {
public:
    explicit DueWork(const Workshop& workshop) : shop_{workshop} {}

    // The next ones, taken from the tenants in turn; gives how many. What was claimed and is not settled for
    // a failure that is nobody's fault is claimed again.
    Result<std::size_t> run_some(std::size_t rows_max);

private:
    struct Row {
        Message message;
        Task task;
        std::chrono::milliseconds tried_for{0};
        std::int32_t crashes = 0;
    };

    Result<std::vector<Row>> claim(std::size_t rows_max);
    static Row row_of(const postgres::Row& row);
    Result<void> load(Row& row);
    Result<std::size_t> run_rows(std::vector<Row>& rows);
    Handled<void> attempt(std::span<Row> rows);
    Handled<void> apply(postgres::Transaction& tx, std::span<Row> rows);
    Result<void> settle_alone(Row& row, const Fault& fault);
    Result<void> settle_row(Row& row, const Verdict& verdict);
    Result<void> claim_on(std::span<const Row> rows);
    bool still_claimed(postgres::Transaction& tx, const Uuid& id) const;

    const Workshop& shop_;
    std::vector<std::pair<std::optional<Verdict>, Cause>> settled_;  // of the try at hand
    std::chrono::steady_clock::time_point failed_at_ = std::chrono::steady_clock::now();
};

}  // namespace tollgate::consumer
