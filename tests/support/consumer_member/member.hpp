// A consumer with the simplest effect there is: a row for each message, written in the transaction that moves
// the position. In a test's own process, or in one that is killed.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "consumer/subscription.hpp"
#include "support/consumer_member/table_positions.hpp"

namespace tollgate::test {

struct MemberSettings {
    std::string bus;   // "journal" or "kafka"
    std::string name;  // of the consumer: the journal's reader, or the group
    postgres::ConnectionSettings database;
    std::string brokers;
    std::string topic_prefix;
    std::string input = "raw";
    // Of a member of the group; the shortest that a broker allows unless it is told otherwise.
    std::chrono::milliseconds session = std::chrono::seconds{6};
};

class Member {
public:
    // Where the rows go.
    static void create_tables(postgres::Connection& owner, const std::string& role);

    explicit Member(const MemberSettings& settings);

    consumer::Subscription& subscription() { return *subscription_; }
    TablePositions& positions() { return positions_; }

    Result<consumer::Batch> poll(std::size_t limit = 100);
    // The first `count` messages and a row for each.
    Result<void> commit(const consumer::Batch& batch, std::size_t count);
    Result<void> commit(const consumer::Batch& batch) { return commit(batch, batch.messages.size()); }
    // Both.
    Result<std::vector<consumer::Message>> read(std::size_t limit = 100);

    // Messages committed by this member.
    std::vector<consumer::Message> taken;

private:
    const Uuid holder_ = make_uuid_v4();
    TablePositions positions_;
    std::size_t recorded_ = 0;  // of the batch at hand
    std::uint64_t batch_ = 0;
    std::unique_ptr<consumer::Subscription> subscription_;  // last: it calls the positions as it goes
};

}  // namespace tollgate::test
