#include "kafka/log_reader.hpp"

#include <catch2/catch.hpp>

#include "kafka/producer.hpp"
#include "support/kafka_broker.hpp"
#include "support/ports.hpp"
#include "unit/kafka/small_relay.hpp"

using namespace tollgate;
using namespace tollgate::kafka;
using namespace tollgate::test;
using namespace std::chrono_literals;

TEST_CASE("single records are read by their place") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(2);
    auto producer = Producer::create({.client = broker.client()}).value();
    REQUIRE(SmallRelay{producer, topic, numbered(100)}.run());

    auto reader = LogReader::create(broker.client(), broker.group_name()).value();
    std::vector<ReceivedRecord> held;
    for (const Offset offset : {99, 0, 57, 57, 1}) {
        auto record = reader.read_at({topic, 0}, offset, 20s).value();
        REQUIRE(record);
        CHECK(record->value() == "value " + std::to_string(offset + 1));
        held.push_back(std::move(*record));
    }
    CHECK(held[0].value() == "value 100");                       // still there after the others were read
    CHECK_FALSE(reader.read_at({topic, 0}, 100, 20s).value());   // not yet
    CHECK_FALSE(reader.read_at({topic, 0}, 5000, 20s).value());  // never
    CHECK_FALSE(reader.read_at({topic, 1}, 0, 20s).value());
}

TEST_CASE("records outlive the reader that read them") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    auto producer = Producer::create({.client = broker.client()}).value();
    REQUIRE(SmallRelay{producer, topic, numbered(1)}.run());
    std::optional<ReceivedRecord> record;
    {
        auto reader = LogReader::create(broker.client(), broker.group_name()).value();
        record = reader.read_at({topic, 0}, 0, 20s).value();
    }
    REQUIRE(record);
    CHECK(record->value() == "value 1");
    CHECK(record->topic() == topic);
}

TEST_CASE("a topic that is not there is an error and not an empty place") {
    KafkaBroker broker;
    auto reader = LogReader::create(broker.client(), broker.group_name()).value();
    const auto outcome = reader.read_at({broker.topic_name(), 0}, 0, 20s);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::misconfigured);
}

TEST_CASE("reading from a broker that is not there ends in time") {
    const std::string nowhere = "127.0.0.1:" + std::to_string(free_port());
    auto reader = LogReader::create({.brokers = nowhere}, "group").value();
    const auto begin = std::chrono::steady_clock::now();
    const auto outcome = reader.read_at({"topic", 0}, 0, 300ms);
    REQUIRE_FALSE(outcome);
    CHECK(disposition(outcome.error().code) == Disposition::retry);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}
