// What the relay does with a producer, in little: sends values in order, and on a failure starts again where
// it stands. Tests run it against faults and then look into the log.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "kafka/log_reader.hpp"
#include "kafka/producer.hpp"

namespace tollgate::test {

class SmallRelay {
public:
    SmallRelay(kafka::Producer& producer, std::string topic, std::vector<std::string> values)
        : producer_{producer}, topic_{std::move(topic)}, values_{std::move(values)} {}

    // True when every value is acknowledged or set aside.
    bool run(std::chrono::milliseconds deadline = std::chrono::seconds{20}) {
        const auto end = std::chrono::steady_clock::now() + deadline;
        kafka::Sequence next = 1;
        while (settled_ < values_.size() && std::chrono::steady_clock::now() < end) {
            while (next <= values_.size() && send(next)) ++next;
            const auto deliveries = producer_.poll(std::chrono::milliseconds{100});
            if (deliveries.acknowledged) settled_ = std::max(settled_, *deliveries.acknowledged);
            if (!deliveries.failure) continue;
            failures.push_back(*deliveries.failure);
            if (deliveries.failure->kind == kafka::DeliveryFailure::Kind::refused) {
                set_aside.push_back(deliveries.failure->sequence);
                settled_ = deliveries.failure->sequence;
            }
            if (!producer_.restart()) return false;
            next = settled_ + 1;
        }
        return settled_ == values_.size();
    }

    kafka::Sequence settled() const { return settled_; }
    std::vector<kafka::DeliveryFailure> failures;
    std::vector<kafka::Sequence> set_aside;

private:
    bool send(kafka::Sequence sequence) {
        return producer_
            .send(sequence,
                  {.topic = topic_, .partition = 0, .key = "key", .value = values_.at(sequence - 1)})
            .has_value();
    }

    kafka::Producer& producer_;
    std::string topic_;
    std::vector<std::string> values_;
    kafka::Sequence settled_ = 0;
};

inline std::vector<std::string> numbered(std::size_t count) {
    std::vector<std::string> values;
    for (std::size_t i = 1; i <= count; ++i) values.push_back("value " + std::to_string(i));
    return values;
}

// All that a partition holds, from its beginning.
inline std::vector<std::string> values_in(const kafka::ClientSettings& client,
                                          const kafka::TopicPartition& partition) {
    std::vector<std::string> values;
    auto reader = kafka::LogReader::create(client, "tests-read-logs").value();
    for (kafka::Offset offset = 0;; ++offset) {
        const auto record = reader.read_at(partition, offset, std::chrono::seconds{10}).value();
        if (!record) return values;
        values.emplace_back(record->value().value_or(""));
    }
}

// Each value at its first place: repeats may follow and do not matter.
inline std::vector<std::string> first_occurrences(const std::vector<std::string>& values) {
    std::vector<std::string> first;
    for (const std::string& value : values) {
        if (std::find(first.begin(), first.end(), value) == first.end()) first.push_back(value);
    }
    return first;
}

}  // namespace tollgate::test
