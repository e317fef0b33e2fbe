// Reads the journal itself, by its registered reader of the consumer's name. One member reads, by lease; any
// number stand by, and one of them goes on where the transactions of the one before have ended.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "consumer/line.hpp"
#include "consumer/next_batch.hpp"
#include "consumer/subscription.hpp"
#include "journal/reader.hpp"
#include "postgres/lease.hpp"

namespace tollgate::consumer {

struct JournalSettings {
    std::string consumer;             // the reader's name; its lease is "consumer.<name>"
    std::vector<std::string> topics;  // such as "raw"
    postgres::ConnectionSettings connection;
    std::size_t batch_bytes_max = std::size_t{16} << 20U;
    // A reader that finds nothing for itself moves on no more often.
    std::chrono::milliseconds pass_every{250};
};

class JournalSubscription final : public Subscription {
public:
    // Stands by from now on. The holder is this process.
    JournalSubscription(JournalSettings settings, const Uuid& holder);

    bool is_reading() const override { return reader_.has_value(); }
    Result<std::int64_t> lag() override;

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    Result<std::vector<Message>> fetch(std::size_t messages_max, std::chrono::milliseconds wait,
                                       const std::stop_token& stop) override;
    void go_back() override { let_go(); }
    Result<postgres::Connection*> connection() override;
    void move(postgres::Transaction& tx, std::span<const Message> done, bool last) override;
    void moved(std::span<const Message> done) override;

    Result<void> take(std::int64_t epoch);
    Result<std::vector<Message>> lie_still(std::chrono::milliseconds wait, const std::stop_token& stop);
    Result<std::vector<Message>> read_on(std::size_t messages_max, std::chrono::milliseconds wait);
    Result<std::vector<Message>> give(std::size_t messages_max);
    Result<std::vector<Message>> rest(std::chrono::milliseconds wait);
    Result<void> pass_if_due();
    void let_go();
    void hang_up();

    const JournalSettings settings_;
    Line line_;
    std::optional<journal::Reader> reader_;  // on that line
    std::int64_t epoch_ = 0;                 // that it was taken with
    // Read and not given yet; and where a reader stands that has passed them all.
    std::deque<journal::Entry> found_;
    journal::Position after_found_;
    NextBatch ahead_;  // of the first of these
    // Ticks without anything for us since, not saved.
    std::optional<journal::Position> passed_;
    SteadyTime moved_at_;
    SteadyTime look_at_;  // if nobody tells of a tick before
    postgres::Lease lease_;
};

}  // namespace tollgate::consumer
