// librdkafka's list of partitions as an owned value. For the other files of this library only.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kafka/record.hpp"

struct rd_kafka_topic_partition_list_s;

namespace tollgate::kafka {

struct PartitionOffset;

struct PartitionListDeleter {
    void operator()(rd_kafka_topic_partition_list_s* list) const noexcept;
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_s, PartitionListDeleter>;

PartitionList make_list(std::span<const TopicPartition> partitions);
PartitionList make_list(std::span<const PartitionOffset> offsets);
PartitionList copy_list(const rd_kafka_topic_partition_list_s& list);
std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_s& list);

}  // namespace tollgate::kafka
