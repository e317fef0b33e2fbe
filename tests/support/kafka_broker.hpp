// The real broker that the test runner has started, and topics and groups that belong to one test alone.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kafka/admin.hpp"

namespace tollgate::test {

class KafkaBroker {
public:
    // Throws, and so fails the test, with a sentence if TOLLGATE_TEST_KAFKA (host:port) is not set.
    KafkaBroker();
    // Deletes every topic and group whose name it gave out. Their users must be gone by then.
    ~KafkaBroker();
    KafkaBroker(const KafkaBroker&) = delete;
    KafkaBroker& operator=(const KafkaBroker&) = delete;

    const std::string& address() const { return address_; }
    kafka::ClientSettings client() const { return {.brokers = address_}; }
    kafka::Admin& admin() { return admin_; }

    std::string create_topic(std::int32_t partitions = 1,
                             const std::map<std::string, std::string>& configs = {});
    // Names that nobody else has; nothing is created.
    std::string topic_name();
    std::string group_name();

private:
    std::string address_;
    kafka::Admin admin_;
    std::vector<std::string> topics_;
    std::vector<std::string> groups_;
};

}  // namespace tollgate::test
