// Reads single records by their place, outside of any group: to see whether the log is still the one that a
// position was taken in.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "kafka/consumer_group.hpp"
#include "kafka/record.hpp"
#include "kafka/settings.hpp"

namespace tollgate::kafka {

// For one thread at a time.
class LogReader {
public:
    // `group` is joined by nobody; brokers check permissions by it.
    static Result<LogReader> create(const ClientSettings& settings, const std::string& group);

    // Nothing if the log has no record there: not yet, not any more, or never.
    Result<std::optional<ReceivedRecord>> read_at(const TopicPartition& partition, Offset offset,
                                                  std::chrono::milliseconds deadline);

    // Where the log begins and ends by now.
    Result<Watermarks> ends(const TopicPartition& partition, std::chrono::milliseconds deadline);

    // What the group has committed to Kafka; nothing for a partition where nothing was.
    Result<std::vector<std::optional<Offset>>> committed(std::span<const TopicPartition> partitions,
                                                         std::chrono::milliseconds deadline);

private:
    explicit LogReader(std::shared_ptr<rd_kafka_s> client) : client_{std::move(client)} {}

    std::shared_ptr<rd_kafka_s> client_;
};

}  // namespace tollgate::kafka
