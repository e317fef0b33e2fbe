// A member of a group that remembers what it was told, starts where the test says, and polls until the test
// has seen what it waits for.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/consumer_group.hpp"
#include "support/kafka_broker.hpp"

namespace tollgate::test {

class Member final : public kafka::AssignmentListener {
public:
    explicit Member(kafka::ConsumerSettings settings)
        : group_{kafka::ConsumerGroup::create(std::move(settings), *this).value()} {}

    static kafka::ConsumerSettings settings(const KafkaBroker& broker, const std::string& group,
                                            const std::string& topic) {
        return {.client = broker.client(), .group = group, .topics = {topic}};
    }

    kafka::ConsumerGroup& group() { return *group_; }

    // One poll, remembered.
    Result<kafka::Polled> poll(std::size_t records_max = 1000, std::chrono::milliseconds wait = short_wait) {
        auto polled = group_->poll(records_max, wait);
        if (!polled) return polled;
        for (const kafka::ReceivedRecord& record : polled->records) {
            values[record.topic_partition()].emplace_back(record.value().value_or(""));
            offsets[record.topic_partition()].push_back(record.offset());
        }
        for (const kafka::OutOfRange& each : polled->out_of_range) out_of_range.push_back(each);
        return polled;
    }

    Result<std::vector<kafka::Offset>> on_assigned(
        std::span<const kafka::TopicPartition> partitions) override {
        ++asked;
        if (refuses_to_start) return fail(ErrorCode::unavailable, "the database is away");
        std::vector<kafka::Offset> starts;
        for (const kafka::TopicPartition& partition : partitions) {
            const auto known = start_at.find(partition);
            starts.push_back(known == start_at.end() ? kafka::from_the_earliest : known->second);
            owned.insert(partition);
        }
        story.push_back("assigned " + std::to_string(partitions.size()));
        return starts;
    }

    void on_revoked(std::span<const kafka::TopicPartition> partitions) override {
        for (const kafka::TopicPartition& partition : partitions) owned.erase(partition);
        story.push_back("revoked " + std::to_string(partitions.size()));
    }

    void on_lost(std::span<const kafka::TopicPartition> partitions) override {
        for (const kafka::TopicPartition& partition : partitions) owned.erase(partition);
        story.push_back("lost " + std::to_string(partitions.size()));
    }

    std::size_t records() const {
        std::size_t count = 0;
        for (const auto& [partition, given] : values) count += given.size();
        return count;
    }

    bool refuses_to_start = false;
    int asked = 0;
    std::map<kafka::TopicPartition, kafka::Offset> start_at;
    std::set<kafka::TopicPartition> owned;
    std::vector<std::string> story;
    std::map<kafka::TopicPartition, std::vector<std::string>> values;
    std::map<kafka::TopicPartition, std::vector<kafka::Offset>> offsets;
    std::vector<kafka::OutOfRange> out_of_range;

private:
    static constexpr std::chrono::milliseconds short_wait{20};

    std::unique_ptr<kafka::ConsumerGroup> group_;  // last: it still calls us while it goes
};

// Polls all of them in turn until it is so; false after the deadline or a failed poll.
inline bool poll_until(const std::vector<Member*>& members, const std::function<bool()>& condition,
                       std::chrono::milliseconds deadline = std::chrono::seconds{30}) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        for (Member* member : members) {
            if (!member->poll()) return false;
        }
    }
    return true;
}

}  // namespace tollgate::test
