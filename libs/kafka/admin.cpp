#include "kafka/admin.hpp"

#include <algorithm>
#include <array>
#include <semaphore>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "kafka/admin_answers.hpp"
#include "kafka/client.hpp"
#include "kafka/consumer_group.hpp"
#include "kafka/errors.hpp"
#include "kafka/partition_list.hpp"

namespace tollgate::kafka {

namespace {

constexpr std::int32_t replication_wanted = 3;
constexpr std::chrono::milliseconds pause_for_coordinator{100};

// librdkafka takes and gives arrays of pointers to its own structures.
template <typename T>
class Owned {
public:
    explicit Owned(void (*destroy)(T*)) : destroy_{destroy} {}
    ~Owned() {
        for (T* each : all_) destroy_(each);
    }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;

    T* add(T* made) {
        all_.push_back(made);
        return made;
    }
    T** data() { return all_.data(); }
    std::size_t size() const { return all_.size(); }

private:
    void (*destroy_)(T*);
    std::vector<T*> all_;
};

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)>;

Result<Metadata> metadata(rd_kafka_t* client, std::string_view brokers, bool all_topics,
                          std::chrono::milliseconds deadline) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(client, all_topics ? 1 : 0, nullptr, &found, as_timeout(deadline));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Metadata{found, &rd_kafka_metadata_destroy};
    return std::unexpected{to_error(code, fmt::format("Kafka at {} does not say what it has", brokers))};
}

std::map<std::string, std::string> configs_of(const rd_kafka_ConfigResource_t* resource) {
    std::map<std::string, std::string> configs;
    std::size_t count = 0;
    const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (const rd_kafka_ConfigEntry_t* entry : std::span{entries, count}) {
        const char* value = rd_kafka_ConfigEntry_value(entry);
        // Brokers hide sensitive ones.
        if (value != nullptr) configs.emplace(rd_kafka_ConfigEntry_name(entry), value);
    }
    return configs;
}

}  // namespace

Result<Admin> Admin::create(const ClientSettings& settings) {
    if (const auto good = validate(settings); !good) return std::unexpected{good.error()};
    auto configuration = ClientConfiguration::create(settings);
    if (!configuration) return std::unexpected{configuration.error()};
    // A producer, because it needs no group. It produces nothing.
    auto client = std::move(*configuration).start(ClientConfiguration::Kind::producer);
    if (!client) return std::unexpected{client.error()};
    return Admin{std::move(*client), settings.brokers};
}

Admin::Admin(std::shared_ptr<rd_kafka_s> client, std::string brokers)
    : client_{std::move(client)}, brokers_{std::move(brokers)} {}

Result<Cluster> Admin::cluster(std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    const auto found = metadata(client_.get(), brokers_, false, deadline);
    if (!found) return std::unexpected{found.error()};
    char* id = rd_kafka_clusterid(client_.get(), as_timeout(left_until(end)));
    if (id == nullptr)
        return fail(ErrorCode::unavailable, "Kafka at {} does not say its cluster's id", brokers_);
    Cluster cluster{id, (*found)->broker_cnt};
    rd_kafka_mem_free(client_.get(), id);
    return cluster;
}

Result<void> Admin::create_topics(std::span<const TopicToCreate> topics, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    const auto known = metadata(client_.get(), brokers_, false, deadline);
    if (!known) return std::unexpected{known.error()};
    const std::int32_t most = std::min(replication_wanted, (*known)->broker_cnt);

    Owned<rd_kafka_NewTopic_t> wanted{&rd_kafka_NewTopic_destroy};
    for (const TopicToCreate& topic : topics) {
        std::array<char, 512> why{};
        rd_kafka_NewTopic_t* made = rd_kafka_NewTopic_new(
            topic.name.c_str(), topic.partitions, topic.replication.value_or(most), why.data(), why.size());
        if (made == nullptr) return fail(ErrorCode::misconfigured, "topic {}: {}", topic.name, why.data());
        wanted.add(made);
        for (const auto& [name, value] : topic.configs)
            rd_kafka_NewTopic_set_config(made, name.c_str(), value.c_str());
    }
    const auto answer =
        ask_admin(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS, left_until(end),
                  fmt::format("create topics at {}", brokers_),
                  [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                      rd_kafka_CreateTopics(client_.get(), wanted.data(), wanted.size(), options, queue);
                  });
    if (!answer) return std::unexpected{answer.error()};
    std::size_t count = 0;
    const rd_kafka_topic_result_t** results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer->get()), &count);
    for (const rd_kafka_topic_result_t* result : std::span{results, count}) {
        const auto code = rd_kafka_topic_result_error(result);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
        const char* text = rd_kafka_topic_result_error_string(result);
        return std::unexpected{to_error(code,
                                        fmt::format("topic {} is not there and may not be created at {}",
                                                    rd_kafka_topic_result_name(result), brokers_),
                                        text == nullptr ? "" : text)};
    }
    std::vector<std::string> names;
    names.reserve(topics.size());
    for (const TopicToCreate& topic : topics) names.push_back(topic.name);
    return await_topics(names, true, end);
}

Result<void> Admin::await_topics(std::span<const std::string> names, bool there,
                                 std::chrono::steady_clock::time_point end) {
    // Brokers learn of it one after the other; each look waits for a broker's answer.
    for (;;) {
        const auto shown = topics(left_until(end));
        if (!shown) return std::unexpected{shown.error()};
        const auto wrong = std::ranges::find_if(
            names, [&](const std::string& name) { return shown->contains(name) != there; });
        if (wrong == names.end()) return {};
        if (left_until(end).count() == 0) {
            return fail(ErrorCode::timed_out, "topic {} was {} at {}, which does not show it yet", *wrong,
                        there ? "created" : "deleted", brokers_);
        }
    }
}

// All whose every partition has a leader.
Result<std::map<std::string, TopicDescription>> Admin::topics(std::chrono::milliseconds deadline) {
    const auto found = metadata(client_.get(), brokers_, true, deadline);
    if (!found) return std::unexpected{found.error()};
    std::map<std::string, TopicDescription> all;
    for (const auto& topic : std::span{(*found)->topics, static_cast<std::size_t>((*found)->topic_cnt)}) {
        const std::span partitions{topic.partitions, static_cast<std::size_t>(topic.partition_cnt)};
        const bool has_leaders =
            std::ranges::all_of(partitions, [](const auto& partition) { return partition.leader >= 0; });
        if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR || partitions.empty() || !has_leaders) continue;
        all.emplace(topic.topic,
                    TopicDescription{topic.topic, topic.partition_cnt, partitions[0].replica_cnt, {}});
    }
    return all;
}

Result<std::vector<TopicDescription>> Admin::describe_topics(std::span<const std::string> names,
                                                             std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    auto there = topics(deadline);
    if (!there) return std::unexpected{there.error()};
    std::erase_if(*there,
                  [&](const auto& topic) { return std::ranges::find(names, topic.first) == names.end(); });
    std::vector<TopicDescription> descriptions;
    if (there->empty()) return descriptions;

    Owned<rd_kafka_ConfigResource_t> wanted{&rd_kafka_ConfigResource_destroy};
    for (const auto& [name, topic] : *there) {
        wanted.add(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
    }
    const auto answer =
        ask_admin(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, left_until(end),
                  fmt::format("describe topics at {}", brokers_),
                  [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                      rd_kafka_DescribeConfigs(client_.get(), wanted.data(), wanted.size(), options, queue);
                  });
    if (!answer) return std::unexpected{answer.error()};
    std::size_t count = 0;
    const rd_kafka_ConfigResource_t** resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
    for (const rd_kafka_ConfigResource_t* resource : std::span{resources, count}) {
        const char* name = rd_kafka_ConfigResource_name(resource);
        const auto code = rd_kafka_ConfigResource_error(resource);
        if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
            there->erase(name);  // deleted in between
        } else if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return std::unexpected{to_error(code, fmt::format("describe topic {} at {}", name, brokers_))};
        } else {
            there->at(name).configs = configs_of(resource);
        }
    }
    for (auto& [name, topic] : *there) descriptions.push_back(std::move(topic));
    return descriptions;
}

Result<void> Admin::delete_topics(std::span<const std::string> names, std::chrono::milliseconds deadline) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    Owned<rd_kafka_DeleteTopic_t> unwanted{&rd_kafka_DeleteTopic_destroy};
    for (const std::string& name : names) unwanted.add(rd_kafka_DeleteTopic_new(name.c_str()));
    const auto answer = ask_admin(
        client_.get(), RD_KAFKA_ADMIN_OP_DELETETOPICS, deadline, fmt::format("delete topics at {}", brokers_),
        [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_DeleteTopics(client_.get(), unwanted.data(), unwanted.size(), options, queue);
        });
    if (!answer) return std::unexpected{answer.error()};
    std::size_t count = 0;
    const rd_kafka_topic_result_t** results =
        rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(answer->get()), &count);
    for (const rd_kafka_topic_result_t* result : std::span{results, count}) {
        const auto code = rd_kafka_topic_result_error(result);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;
        return std::unexpected{to_error(
            code, fmt::format("delete topic {} at {}", rd_kafka_topic_result_name(result), brokers_))};
    }
    return await_topics(names, false, end);
}

Result<void> Admin::delete_groups(std::span<const std::string> names, std::chrono::milliseconds deadline) {
    // A coordinator that has just got the groups' partition, such as a young broker's, loads it first.
    const auto until = std::chrono::steady_clock::now() + deadline;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        auto deleted = try_to_delete_groups(names, std::max(left, std::chrono::milliseconds{1}));
        if (deleted || deleted.error().code != ErrorCode::contended || left <= pause_for_coordinator)
            return deleted;
        std::binary_semaphore never{0};
        static_cast<void>(never.try_acquire_for(pause_for_coordinator));
    }
}

Result<void> Admin::try_to_delete_groups(std::span<const std::string> names,
                                         std::chrono::milliseconds deadline) {
    Owned<rd_kafka_DeleteGroup_t> unwanted{&rd_kafka_DeleteGroup_destroy};
    for (const std::string& name : names) unwanted.add(rd_kafka_DeleteGroup_new(name.c_str()));
    const auto answer = ask_admin(
        client_.get(), RD_KAFKA_ADMIN_OP_DELETEGROUPS, deadline, fmt::format("delete groups at {}", brokers_),
        [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
            rd_kafka_DeleteGroups(client_.get(), unwanted.data(), unwanted.size(), options, queue);
        });
    if (!answer) return std::unexpected{answer.error()};
    std::size_t count = 0;
    const rd_kafka_group_result_t** results =
        rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(answer->get()), &count);
    for (const rd_kafka_group_result_t* result : std::span{results, count}) {
        const rd_kafka_error_t* failure = rd_kafka_group_result_error(result);
        if (failure == nullptr || rd_kafka_error_code(failure) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
            continue;
        return std::unexpected{
            to_error(rd_kafka_error_code(failure),
                     fmt::format("delete group {} at {}", rd_kafka_group_result_name(result), brokers_))};
    }
    return {};
}

Result<void> Admin::delete_records(const TopicPartition& partition, Offset below,
                                   std::chrono::milliseconds deadline) {
    const PartitionOffset end{.partition = partition, .offset = below};
    Owned<rd_kafka_DeleteRecords_t> unwanted{&rd_kafka_DeleteRecords_destroy};
    unwanted.add(rd_kafka_DeleteRecords_new(make_list(std::span{&end, 1}).get()));
    const std::string what = fmt::format("delete records of {} at {}", partition.text(), brokers_);
    const auto answer =
        ask_admin(client_.get(), RD_KAFKA_ADMIN_OP_DELETERECORDS, deadline, what,
                  [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
                      rd_kafka_DeleteRecords(client_.get(), unwanted.data(), unwanted.size(), options, queue);
                  });
    if (!answer) return std::unexpected{answer.error()};
    const rd_kafka_topic_partition_list_t* results =
        rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer->get()));
    for (const rd_kafka_topic_partition_t& each :
         std::span{results->elems, static_cast<std::size_t>(results->cnt)}) {
        if (each.err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected{to_error(each.err, what)};
    }
    return {};
}

}  // namespace tollgate::kafka
