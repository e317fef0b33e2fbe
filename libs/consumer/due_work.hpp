// Works off the rows of consumer.work that are due, with the same handler and without Kafka or the journal.
// Any number of members may: each claims what it runs for as long as that may take.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "consumer/due_claims.hpp"
#include "consumer/stream_work.hpp"

namespace tollgate::consumer {

class DueWork {
public:
    explicit DueWork(const Workshop& workshop) : shop_{workshop} {}

    // The next ones, taken from the tenants in turn; gives how many. What was claimed and is not settled for
    // a failure that is nobody's fault is claimed again.
    Result<std::size_t> run_some(std::size_t rows_max);

private:
    Result<std::vector<DueRow>> claim(std::size_t rows_max);
    Result<void> load(DueRow& row);
    Result<std::size_t> run_rows(std::vector<DueRow>& rows);
    Result<void> run_together(std::span<DueRow> rows);
    Result<void> run_one_by_one(std::span<DueRow> rows);
    std::optional<Fault> fault_of_repeats(const Error& error, const DueRow& row);
    void put_back(const DueRow& row);
    bool answers();
    Handled<void> attempt(std::span<DueRow> rows);
    Handled<void> apply(postgres::Transaction& tx, std::span<DueRow> rows);
    Result<void> settle_alone(DueRow& row, const Fault& fault);
    Result<void> settle_row(DueRow& row, const Verdict& verdict);
    Result<void> claim_on(std::span<const DueRow> rows);
    bool still_claimed(postgres::Transaction& tx, const Uuid& id) const;

    const Workshop& shop_;
    BatchSize size_;
    std::vector<std::pair<std::optional<Verdict>, Cause>> settled_;  // of the try at hand
    int failures_ = 0;    // one after the other, while the server answered
    LoneFailures alone_;  // likewise, of one row that was run alone
    std::chrono::steady_clock::time_point failed_at_ = std::chrono::steady_clock::now();
};

}  // namespace tollgate::consumer
