// Reads Kafka as one member of a consumer group. Its partitions come and go with the other members; when one
// ends, the group gives its partitions to those that are left.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "consumer/line.hpp"
#include "consumer/positions.hpp"
#include "consumer/subscription.hpp"
#include "kafka/consumer_group.hpp"

namespace tollgate::consumer {

struct KafkaSettings {
    // The group is the consumer's name. Topics are ours, such as "raw".
    kafka::ConsumerSettings group;
    std::string topic_prefix = "tollgate.";
    postgres::ConnectionSettings connection;  // for the work, and for what records refer to
    std::size_t batch_bytes_max = std::size_t{16} << 20U;
};

class KafkaSubscription final : public Subscription, private kafka::AssignmentListener {
public:
    // Joins in the background. The positions must outlive it.
    static Result<std::unique_ptr<KafkaSubscription>> create(KafkaSettings settings, Positions& positions);
    // Leaves, so that others need not wait for the session to end.
    ~KafkaSubscription() override;

    bool is_reading() const override { return !standing_.empty(); }
    // Whether its group has told it which partitions are its own, perhaps none. From any thread; as of the
    // last poll.
    bool is_assigned() const { return is_assigned_; }
    // Any number of members may, also while brokers are away.
    bool may_run_rows() const override { return true; }
    Result<std::int64_t> lag() override;

private:
    struct Standing {
        kafka::Offset given = 0;  // everything below was given
        kafka::Offset saved = 0;  // and committed
    };

    KafkaSubscription(KafkaSettings settings, Positions& positions);

    Result<std::vector<Message>> fetch(std::size_t messages_max, std::chrono::milliseconds wait,
                                       const std::stop_token& stop) override;
    void go_back() override;
    Result<postgres::Connection*> connection() override { return line_.ready(); }
    void move(postgres::Transaction& tx, std::span<const Message> done, bool last) override;
    void moved(std::span<const Message> done) override;

    Result<std::vector<kafka::Offset>> on_assigned(
        std::span<const kafka::TopicPartition> partitions) override;
    void on_revoked(std::span<const kafka::TopicPartition> partitions) override;
    void on_lost(std::span<const kafka::TopicPartition> partitions) override;

    void join_again();
    Result<void> follow_pause();
    Result<void> go_where_needed();
    Result<void> start_again(const kafka::TopicPartition& partition);
    Result<void> start_at(const kafka::TopicPartition& partition, kafka::Offset offset);
    Result<void> replace(const kafka::OutOfRange& position);
    Result<void> settle(kafka::Polled polled);
    Result<std::vector<Message>> give(std::size_t messages_max);
    Result<void> add_referenced(Message& message);
    void forget_waiting(const kafka::TopicPartition& partition);
    void tell_lag_tools();
    void forget(std::span<const kafka::TopicPartition> partitions, bool lost);

    const KafkaSettings settings_;
    Positions& positions_;
    Line line_;
    std::map<kafka::TopicPartition, Standing> standing_;  // of those that are ours
    // To be sought before anything of them is given: where to, or to where the positions say.
    std::map<kafka::TopicPartition, std::optional<kafka::Offset>> to_seek_;
    std::deque<kafka::ReceivedRecord> waiting_;  // fetched, and not given yet: what was before them was large
    // Not known of partitions that have just come.
    std::optional<bool> group_is_paused_ = false;
    std::map<kafka::TopicPartition, kafka::Offset> untold_;  // to lag tools
    std::chrono::steady_clock::time_point told_at_;
    std::atomic<bool> is_assigned_ = false;
    std::unique_ptr<kafka::ConsumerGroup> group_;  // last: it calls us while it goes
};

}  // namespace tollgate::consumer
