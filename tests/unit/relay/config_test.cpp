#include "relay/config.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;

TEST_CASE("the producer is set as configured") {
    relay::Config config;
    config.compression = "zstd";
    const process::KafkaConfig kafka{.brokers = "one:9092,two:9092",
                                     .security_protocol = "sasl_ssl",
                                     .sasl_mechanism = "PLAIN",
                                     .sasl_username = "relay",
                                     .sasl_password = Secret{"hunter2"},
                                     .properties = "client.rack=a,socket.timeout.ms=9000"};
    const auto producer = config.producer(kafka);
    REQUIRE(producer.has_value());
    CHECK(producer->compression == kafka::Compression::zstd);
    CHECK(producer->client.brokers == "one:9092,two:9092");
    CHECK(producer->client.properties.at("client.rack") == "a");
    CHECK(producer->client.properties.at("socket.timeout.ms") == "9000");
    CHECK(producer->client.properties.at("security.protocol") == "sasl_ssl");
    CHECK(producer->client.secrets.contains("sasl.password"));
}

TEST_CASE("settings that cannot be are refused with their name") {
    const auto refusal = [](const process::KafkaConfig& kafka, const relay::Config& config = {}) {
        const auto producer = config.producer(kafka);
        return producer ? std::string{"none"} : producer.error().detail;
    };
    using Catch::Contains;
    CHECK_THAT(refusal({.brokers = "nowhere"}), Contains("\"nowhere\" is not host:port"));
    CHECK_THAT(refusal({.brokers = "a:1", .topic_prefix = "a b"}), Contains("kafka.topic_prefix"));
    CHECK_THAT(refusal({.brokers = "a:1", .properties = "acks"}), Contains("kafka.properties"));
    CHECK_THAT(refusal({.brokers = "a:1", .properties = "acks=1"}), Contains("acks"));
    relay::Config inverted;
    inverted.value_bytes_max = {2'000'000};
    CHECK_THAT(refusal({.brokers = "a:1"}, inverted), Contains("relay.value_bytes_max"));
}
