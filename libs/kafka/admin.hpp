// What is asked of a cluster once, at start and in tests: who it is, and which topics it has.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "kafka/record.hpp"
#include "kafka/settings.hpp"

struct rd_kafka_s;

namespace tollgate::kafka {

struct Cluster {
    std::string id;
    std::int32_t brokers = 0;
};

struct TopicToCreate {
    std::string name;
    std::int32_t partitions = 1;
    std::optional<std::int32_t> replication = std::nullopt;  // else 3, or as many as there are brokers
    std::map<std::string, std::string> configs{};            // "retention.ms" ...
};

struct TopicDescription {
    std::string name;
    std::int32_t partitions = 0;
    std::int32_t replication = 0;
    // All of the topic's configs that brokers show, with the defaults.
    std::map<std::string, std::string> configs{};
};

// Every call blocks until it is done or its deadline has passed; errors name the brokers and what was asked.
class Admin {
public:
    static Result<Admin> create(const ClientSettings& settings);

    Result<Cluster> cluster(std::chrono::milliseconds deadline);

    // One that exists is left as it is. On return the broker that was asked shows all of them with leaders.
    Result<void> create_topics(std::span<const TopicToCreate> topics, std::chrono::milliseconds deadline);

    // Those of them that exist, in the order of their names.
    Result<std::vector<TopicDescription>> describe_topics(std::span<const std::string> names,
                                                          std::chrono::milliseconds deadline);

    // One that does not exist is fine. On return the broker that was asked shows none of them.
    Result<void> delete_topics(std::span<const std::string> names, std::chrono::milliseconds deadline);
    // `conflict` for one that has members.
    Result<void> delete_groups(std::span<const std::string> names, std::chrono::milliseconds deadline);

    // What a partition has below this offset is gone, as if it had become too old.
    Result<void> delete_records(const TopicPartition& partition, Offset below,
                                std::chrono::milliseconds deadline);

private:
    Result<void> try_to_delete_groups(std::span<const std::string> names, std::chrono::milliseconds deadline);

    Admin(std::shared_ptr<rd_kafka_s> client, std::string brokers);

    Result<std::map<std::string, TopicDescription>> topics(std::chrono::milliseconds deadline);
    Result<void> await_topics(std::span<const std::string> names, bool there,
                              std::chrono::steady_clock::time_point end);

    std::shared_ptr<rd_kafka_s> client_;
    std::string brokers_;
};

}  // namespace tollgate::kafka
