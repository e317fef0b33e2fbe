#include "unit/kafka/mock_cluster.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace tollgate::test {

namespace {

constexpr std::int16_t produce_request = 0;

rd_kafka_resp_err_t code_of(Answer answer) {
    switch (answer) {
        case Answer::accepted:
            return RD_KAFKA_RESP_ERR_NO_ERROR;
        case Answer::not_enough_replicas:
            return RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS;
        case Answer::too_large:
            return RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
        case Answer::not_authorized:
            return RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
        case Answer::disconnect:
            return RD_KAFKA_RESP_ERR__TRANSPORT;
    }
    std::unreachable();
}

}  // namespace

MockCluster::MockCluster(int brokers) {
    std::array<char, 512> why{};
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, nullptr, why.data(), why.size());
    if (client == nullptr) throw std::runtime_error{why.data()};
    client_ = {client, &rd_kafka_destroy};
    cluster_ = rd_kafka_mock_cluster_new(client, brokers);
    if (cluster_ == nullptr) throw std::runtime_error{"librdkafka's mock cluster does not start"};
}

MockCluster::~MockCluster() {
    rd_kafka_mock_cluster_destroy(cluster_);
}

std::string MockCluster::brokers() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_);
}

void MockCluster::create_topic(const std::string& name, int partitions) {
    if (rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error{"the mock cluster does not create topic " + name};
    }
}

void MockCluster::answer_produce(const std::vector<Answer>& answers) {
    std::vector<rd_kafka_resp_err_t> codes;
    for (const Answer answer : answers) codes.push_back(code_of(answer));
    rd_kafka_mock_push_request_errors_array(cluster_, produce_request, codes.size(), codes.data());
}

void MockCluster::set_down() {
    rd_kafka_mock_broker_set_down(cluster_, -1);
}

void MockCluster::set_up() {
    rd_kafka_mock_broker_set_up(cluster_, -1);
}

}  // namespace tollgate::test
