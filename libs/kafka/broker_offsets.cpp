#include "kafka/broker_offsets.hpp"

#include <librdkafka/rdkafka.h>

#include "kafka/client.hpp"
#include "kafka/errors.hpp"
#include "kafka/partition_list.hpp"

namespace tollgate::kafka {

Result<std::vector<std::optional<Offset>>> committed_offsets(rd_kafka_s* client,
                                                             std::span<const TopicPartition> partitions,
                                                             std::chrono::milliseconds deadline) {
    const PartitionList list = make_list(partitions);
    const auto failure = rd_kafka_committed(client, list.get(), as_timeout(deadline));
    if (failure != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected{to_error(failure, "committed offsets")};
    std::vector<std::optional<Offset>> offsets;
    for (const rd_kafka_topic_partition_t& each :
         std::span{list->elems, static_cast<std::size_t>(list->cnt)}) {
        if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            const TopicPartition partition{each.topic, each.partition};
            return std::unexpected{to_error(each.err, partition.text()).within("committed offsets")};
        }
        offsets.push_back(each.offset < 0 ? std::nullopt : std::optional{each.offset});
    }
    return offsets;
}

Result<Watermarks> watermarks_of(rd_kafka_s* client, const TopicPartition& partition,
                                 std::chrono::milliseconds deadline) {
    Watermarks found;
    const auto failure = rd_kafka_query_watermark_offsets(
        client, partition.topic.c_str(), partition.partition, &found.low, &found.high, as_timeout(deadline));
    if (failure == RD_KAFKA_RESP_ERR_NO_ERROR) return found;
    return std::unexpected{to_error(failure, fmt::format("watermarks of {}", partition.text()))};
}

}  // namespace tollgate::kafka
