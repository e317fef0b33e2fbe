// What brokers say of a log's ends, and of what a group has committed. For the other files of this library
// only.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "core/result.hpp"
#include "kafka/consumer_group.hpp"
#include "kafka/record.hpp"

namespace tollgate::kafka {

// Of the group that the client was made for; nothing for a partition where nothing was committed.
Result<std::vector<std::optional<Offset>>> committed_offsets(rd_kafka_s* client,
                                                             std::span<const TopicPartition> partitions,
                                                             std::chrono::milliseconds deadline);

Result<Watermarks> watermarks_of(rd_kafka_s* client, const TopicPartition& partition,
                                 std::chrono::milliseconds deadline);

}  // namespace tollgate::kafka
