// librdkafka's own mock brokers, for the faults that a real one cannot be made to show.
#pragma once

#include <memory>
#include <string>
#include <vector>

struct rd_kafka_s;
struct rd_kafka_mock_cluster_s;

namespace tollgate::test {

// How the mock answers a produce request.
enum class Answer { accepted, not_enough_replicas, too_large, not_authorized, disconnect };

class MockCluster {
public:
    explicit MockCluster(int brokers = 1);
    ~MockCluster();
    MockCluster(const MockCluster&) = delete;
    MockCluster& operator=(const MockCluster&) = delete;

    std::string brokers() const;
    void create_topic(const std::string& name, int partitions);
    // The next produce requests are answered so, one by one; those after them are accepted. A refused one
    // leaves nothing in the log.
    void answer_produce(const std::vector<Answer>& answers);
    void set_down();
    void set_up();

private:
    std::shared_ptr<rd_kafka_s> client_;
    rd_kafka_mock_cluster_s* cluster_;
};

}  // namespace tollgate::test
