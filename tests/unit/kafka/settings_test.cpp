#include "kafka/settings.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using namespace tollgate::kafka;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

std::string complaint(const Result<void>& outcome) {
    REQUIRE_FALSE(outcome.has_value());
    CHECK(outcome.error().code == ErrorCode::misconfigured);
    CHECK_THAT(outcome.error().detail, !Contains("\n"));
    return outcome.error().detail;
}

ClientSettings local() {
    return {.brokers = "127.0.0.1:9092"};
}

}  // namespace

TEST_CASE("brokers are hosts with ports") {
    CHECK(validate(local()).has_value());
    CHECK(validate(ClientSettings{.brokers = "a.example:9092,[::1]:9093"}).has_value());
    const std::vector<std::string> bad{"", "localhost", "localhost:", ":9092", "a:1,", "a:99999", "a:x"};
    for (const std::string& brokers : bad) {
        INFO(brokers);
        CHECK_THAT(complaint(validate(ClientSettings{.brokers = brokers})), StartsWith("kafka brokers: "));
    }
}

TEST_CASE("a property that does not exist is named") {
    ClientSettings settings = local();
    settings.properties["ssl.ca.locaton"] = "/etc/ca.pem";
    CHECK_THAT(complaint(validate(settings)), StartsWith("kafka property ssl.ca.locaton: "));
}

TEST_CASE("a property with a value that makes no sense is named") {
    ClientSettings settings = local();
    settings.properties["security.protocol"] = "telepathy";
    CHECK_THAT(complaint(validate(settings)), StartsWith("kafka property security.protocol: "));
}

TEST_CASE("what the promises rest on cannot be set from outside") {
    for (const std::string name :
         {"acks", "enable.idempotence", "message.timeout.ms", "enable.auto.commit", "auto.offset.reset",
          "transactional.id", "plugin.library.paths", "partitioner", "test.mock.num.brokers"}) {
        ClientSettings settings = local();
        settings.properties[name] = "1";
        CHECK_THAT(complaint(validate(settings)),
                   StartsWith("kafka property " + name + ": Tollgate decides it"));
    }
}

TEST_CASE("a password among the plain properties is refused") {
    ClientSettings settings = local();
    settings.properties["sasl.password"] = "hunter2";
    const std::string said = complaint(validate(settings));
    CHECK_THAT(said, StartsWith("kafka property sasl.password: "));
    CHECK_THAT(said, !Contains("hunter2"));
}

TEST_CASE("a secret's value is not in the sentence that complains of it") {
    ClientSettings settings = local();
    settings.secrets.emplace("security.protocol", Secret{"hunter2"});
    const std::string said = complaint(validate(settings));
    CHECK_THAT(said, StartsWith("kafka property security.protocol: "));
    CHECK_THAT(said, !Contains("hunter2"));
}

TEST_CASE("a producer's limits are checked by name") {
    ProducerSettings settings{.client = local()};
    CHECK(validate(settings).has_value());
    settings.requests_in_flight = 6;  // more than brokers remember
    CHECK_THAT(complaint(validate(settings)), StartsWith("kafka requests_in_flight: 6 "));
    settings = {.client = local(), .queue_records_max = 0};
    CHECK_THAT(complaint(validate(settings)), StartsWith("kafka queue_records_max: 0 "));
    settings = {.client = local(), .linger = std::chrono::milliseconds{-1}};
    CHECK_THAT(complaint(validate(settings)), StartsWith("kafka linger: "));
}

TEST_CASE("a consumer needs a group and topics and sensible times") {
    const ConsumerSettings good{.client = local(), .group = "billing", .topics = {"tollgate.payment"}};
    CHECK(validate(good).has_value());
    ConsumerSettings settings = good;
    settings.group = "";
    CHECK_THAT(complaint(validate(settings)), StartsWith("kafka group: "));
    settings = good;
    settings.topics = {"^tollgate.*"};
    CHECK_THAT(complaint(validate(settings)), StartsWith("kafka topics: \"^tollgate.*\""));
    settings = good;
    settings.poll_interval_max = std::chrono::seconds{5};
    CHECK_THAT(complaint(validate(settings)), StartsWith("kafka poll_interval_max: 5000 ms"));
}
