#include "support/kafka_broker.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include "core/clock.hpp"
#include "core/uuid.hpp"
#include "telemetry/log.hpp"

namespace tollgate::test {

namespace {

constexpr std::chrono::seconds deadline{20};

std::string address_from_environment() {
    const char* address = std::getenv("TOLLGATE_TEST_KAFKA");
    if (address == nullptr || *address == '\0') {
        throw std::runtime_error{
            "TOLLGATE_TEST_KAFKA is not set: this test needs a running Kafka at host:port "
            "(deploy/local/kafka start "
            "DIR PORT)"};
    }
    return address;
}

template <typename T>
T expect(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    return std::move(*result);
}

}  // namespace

KafkaBroker::KafkaBroker()
    : address_{address_from_environment()}, admin_{expect(kafka::Admin::create(client()))} {}

KafkaBroker::~KafkaBroker() {
    const auto warn_of = [](const Result<void>& outcome) {
        if (!outcome) telemetry::log::warning("a test left something behind", {{"error", outcome.error()}});
    };
    if (!groups_.empty()) warn_of(admin_.delete_groups(groups_, deadline));
    if (!topics_.empty()) warn_of(admin_.delete_topics(topics_, deadline));
}

std::string KafkaBroker::create_topic(std::int32_t partitions,
                                      const std::map<std::string, std::string>& configs) {
    const kafka::TopicToCreate topic{.name = topic_name(), .partitions = partitions, .configs = configs};
    const auto created = admin_.create_topics({&topic, 1}, deadline);
    if (!created) throw std::runtime_error{created.error().text()};
    return topic.name;
}

std::string KafkaBroker::topic_name() {
    return topics_.emplace_back("test-" + make_uuid_v7().text());
}

std::string KafkaBroker::group_name() {
    return groups_.emplace_back("test-" + make_uuid_v7().text());
}

}  // namespace tollgate::test
