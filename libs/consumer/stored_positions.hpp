// Where a consumer stands in Kafka: rows of consumer.position. They are only good for the log that they were
// taken in, so that log is known again by its cluster and by the record before each position.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "consumer/positions.hpp"
#include "consumer/runtime_metrics.hpp"
#include "kafka/admin.hpp"
#include "kafka/log_reader.hpp"

namespace tollgate::consumer {

class StoredPositions final : public Positions {
public:
    // Nothing is connected to before it is needed.
    static Result<std::unique_ptr<StoredPositions>> create(const kafka::ClientSettings& client,
                                                           const std::string& group, std::string consumer,
                                                           const Uuid& member, RuntimeMetrics& metrics);

    Result<std::vector<kafka::Offset>> take(postgres::Connection& connection,
                                            std::span<const kafka::TopicPartition> partitions) override;
    void move(postgres::Transaction& tx, std::span<const Reached> reached) override;
    Result<kafka::Offset> replace(postgres::Connection& connection,
                                  const kafka::OutOfRange& position) override;
    void let_go(std::span<const kafka::TopicPartition> partitions, bool lost) override;

private:
    struct Standing {
        kafka::TopicPartition partition;
        std::int64_t epoch = 0;
        std::string cluster;
        kafka::Offset next = 0;
        std::optional<Uuid> last_id;
        // Where the log began when it was to be read from its first record.
        std::optional<kafka::Offset> earliest;
    };

    StoredPositions(kafka::Admin admin, kafka::LogReader log, std::string consumer, const Uuid& member,
                    RuntimeMetrics& metrics);

    Result<std::vector<Standing>> take_rows(postgres::Connection& connection,
                                            std::span<const kafka::TopicPartition> partitions,
                                            const std::string& cluster);
    Result<std::optional<std::string>> why_not_the_same_log(const Standing& standing,
                                                            const std::string& cluster);
    Result<std::optional<std::string>> what_went_unread(postgres::Connection& connection,
                                                        const Standing& standing);
    Result<void> begin_again(postgres::Connection& connection, const Standing& standing,
                             const std::string& cluster, const std::string& why);
    void look_whether_database_is_behind(std::span<const Standing> standings);

    kafka::Admin admin_;
    kafka::LogReader log_;
    const std::string consumer_;
    const Uuid member_;
    RuntimeMetrics& metrics_;
    std::string cluster_;
    std::map<kafka::TopicPartition, std::int64_t> epochs_;
};

}  // namespace tollgate::consumer
