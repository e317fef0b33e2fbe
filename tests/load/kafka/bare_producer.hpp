// librdkafka as it comes, with what an idempotent producer needs: as fast as a producer can be here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct rd_kafka_s;
struct rd_kafka_topic_s;

namespace tollgate::load {

class BareProducer {
public:
    BareProducer(const std::string& brokers, const std::string& topic);
    ~BareProducer();
    BareProducer(const BareProducer&) = delete;
    BareProducer& operator=(const BareProducer&) = delete;

    // With as many headers, of the same length, as the relay gives a record. Waits for room in the queue.
    void send(std::string_view id, std::string_view key, std::string_view value);
    // Until all is acknowledged. Throws if something was not.
    void flush();

private:
    rd_kafka_s* client_;
    rd_kafka_topic_s* topic_;
    std::uint64_t failed_ = 0;
};

}  // namespace tollgate::load
