#include "kafka/partition_list.hpp"

#include <librdkafka/rdkafka.h>

#include "kafka/consumer_group.hpp"

namespace tollgate::kafka {

void PartitionListDeleter::operator()(rd_kafka_topic_partition_list_s* list) const noexcept {
    rd_kafka_topic_partition_list_destroy(list);
}

PartitionList make_list(std::span<const TopicPartition> partitions) {
    PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
    for (const TopicPartition& each : partitions) {
        rd_kafka_topic_partition_list_add(list.get(), each.topic.c_str(), each.partition);
    }
    return list;
}

PartitionList make_list(std::span<const PartitionOffset> offsets) {
    PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size()))};
    for (const PartitionOffset& each : offsets) {
        rd_kafka_topic_partition_list_add(list.get(), each.partition.topic.c_str(), each.partition.partition)
            ->offset = each.offset;
    }
    return list;
}

PartitionList copy_list(const rd_kafka_topic_partition_list_s& list) {
    return PartitionList{rd_kafka_topic_partition_list_copy(&list)};
}

std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_s& list) {
    std::vector<TopicPartition> partitions;
    partitions.reserve(static_cast<std::size_t>(list.cnt));
    for (const rd_kafka_topic_partition_t& each : std::span{list.elems, static_cast<std::size_t>(list.cnt)}) {
        partitions.push_back({each.topic, each.partition});
    }
    return partitions;
}

}  // namespace tollgate::kafka
