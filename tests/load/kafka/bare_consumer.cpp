#include "load/kafka/bare_consumer.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

namespace tollgate::load {

namespace {

constexpr int silence_max_ms = 60'000;

struct EndClient {
    void operator()(rd_kafka_t* client) const {
        rd_kafka_consumer_close(client);
        rd_kafka_destroy(client);
    }
};
using Client = std::unique_ptr<rd_kafka_t, EndClient>;
using Queue = std::unique_ptr<rd_kafka_queue_t, decltype(&rd_kafka_queue_destroy)>;
using List =
    std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)>;

// What our consumers set of what fetching depends on.
Client make_client(const BareConsumer& settings) {
    rd_kafka_conf_t* configuration = rd_kafka_conf_new();
    std::array<char, 512> why{};
    for (const auto& [name, value] :
         {std::pair{"bootstrap.servers", settings.brokers},
          {"group.id", std::string{"bare"}},
          {"enable.auto.commit", std::string{"false"}},
          {"enable.auto.offset.store", std::string{"false"}},
          {"isolation.level", std::string{"read_committed"}},
          {"socket.nagle.disable", std::string{"true"}},
          {"queued.max.messages.kbytes", std::to_string(settings.fetched_ahead_kb)}}) {
        if (rd_kafka_conf_set(configuration, name, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK)
            throw std::runtime_error{why.data()};
    }
    Client client{rd_kafka_new(RD_KAFKA_CONSUMER, configuration, why.data(), why.size())};
    if (!client) throw std::runtime_error{why.data()};
    rd_kafka_poll_set_consumer(client.get());
    return client;
}

void assign_all(rd_kafka_t* client, const BareConsumer& settings) {
    const List list{rd_kafka_topic_partition_list_new(settings.partitions),
                    &rd_kafka_topic_partition_list_destroy};
    for (std::int32_t partition = 0; partition < settings.partitions; ++partition) {
        rd_kafka_topic_partition_list_add(list.get(), settings.topic.c_str(), partition)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    }
    const auto outcome = rd_kafka_assign(client, list.get());
    if (outcome != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error{rd_kafka_err2str(outcome)};
}

}  // namespace

std::chrono::duration<double> BareConsumer::read(std::uint64_t records) const {
    using SteadyTime = std::chrono::steady_clock::time_point;
    const Client client = make_client(*this);
    assign_all(client.get(), *this);
    const Queue queue{rd_kafka_queue_get_consumer(client.get()), &rd_kafka_queue_destroy};
    std::vector<rd_kafka_message_t*> taken(static_cast<std::size_t>(records_max));
    std::optional<SteadyTime> began;
    for (std::uint64_t count = 0; count < records;) {
        const auto got =
            rd_kafka_consume_batch_queue(queue.get(), silence_max_ms, taken.data(), taken.size());
        if (got <= 0) throw std::runtime_error{"no record came to the bare consumer"};
        if (!began) began = std::chrono::steady_clock::now();
        for (rd_kafka_message_t* message : std::span{taken}.first(static_cast<std::size_t>(got))) {
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++count;
            rd_kafka_message_destroy(message);
        }
    }
    return std::chrono::steady_clock::now() - began.value_or(std::chrono::steady_clock::now());
}

}  // namespace tollgate::load
