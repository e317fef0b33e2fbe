#include <catch2/catch.hpp>

#include "support/kafka_broker.hpp"
#include "support/ports.hpp"

using namespace tollgate;
using namespace tollgate::kafka;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

TEST_CASE("a cluster says who it is") {
    KafkaBroker broker;
    const auto cluster = broker.admin().cluster(20s).value();
    CHECK(cluster.id.size() == 22);
    CHECK(cluster.brokers == 1);
    CHECK(Admin::create(broker.client()).value().cluster(20s).value().id == cluster.id);
}

TEST_CASE("topics are created once and described and deleted") {
    KafkaBroker broker;
    Admin& admin = broker.admin();
    const std::vector<std::string> names{broker.topic_name(), broker.topic_name()};
    CHECK(admin.describe_topics(names, 20s).value().empty());

    const std::vector<TopicToCreate> wanted{
        {.name = names[0],
         .partitions = 3,
         .configs = {{"retention.ms", "60000"}, {"max.message.bytes", "4000"}}},
        {.name = names[1]}};
    REQUIRE(admin.create_topics(wanted, 20s));
    const auto described = admin.describe_topics(names, 20s).value();
    REQUIRE(described.size() == 2);
    CHECK(described[0].name == names[0]);
    CHECK(described[0].partitions == 3);
    CHECK(described[0].replication == 1);  // three, or as many as there are brokers
    CHECK(described[0].configs.at("retention.ms") == "60000");
    CHECK(described[0].configs.at("max.message.bytes") == "4000");
    CHECK(described[0].configs.at("min.insync.replicas") == "1");
    CHECK(described[1].partitions == 1);

    // What exists is left as it is.
    const TopicToCreate other{.name = names[0], .partitions = 5};
    REQUIRE(admin.create_topics({&other, 1}, 20s));
    CHECK(admin.describe_topics(names, 20s).value()[0].partitions == 3);

    REQUIRE(admin.delete_topics(names, 20s));
    CHECK(admin.describe_topics(names, 20s).value().empty());
    CHECK(admin.delete_topics(names, 20s).has_value());
}

TEST_CASE("a topic that cannot be created is named with its broker and the reason") {
    KafkaBroker broker;
    const TopicToCreate wanted{.name = broker.topic_name(), .configs = {{"retention.ms", "soon"}}};
    const auto outcome = broker.admin().create_topics({&wanted, 1}, 20s);
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == ErrorCode::misconfigured);
    CHECK_THAT(outcome.error().detail,
               StartsWith("topic " + wanted.name + " is not there and may not be created at " +
                          broker.address() + ": "));
    CHECK_THAT(outcome.error().detail, Contains("retention.ms"));

    const TopicToCreate much{.name = broker.topic_name(), .replication = 2};
    const auto too_much = broker.admin().create_topics({&much, 1}, 20s);
    REQUIRE_FALSE(too_much);
    CHECK(too_much.error().code == ErrorCode::misconfigured);
}

TEST_CASE("a cluster that is not there is said so within the deadline") {
    const std::string nowhere = "127.0.0.1:" + std::to_string(free_port());
    auto admin = Admin::create({.brokers = nowhere}).value();
    const auto begin = std::chrono::steady_clock::now();
    const auto outcome = admin.cluster(300ms);
    REQUIRE_FALSE(outcome);
    CHECK_THAT(outcome.error().detail, Contains(nowhere));
    const TopicToCreate wanted{.name = "topic"};
    CHECK_FALSE(admin.create_topics({&wanted, 1}, 300ms));
    const std::vector<std::string> names{"topic"};
    CHECK_FALSE(admin.delete_topics(names, 300ms));
    CHECK_FALSE(admin.delete_groups(names, 300ms));
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a group that does not exist may be deleted") {
    KafkaBroker broker;
    const std::vector<std::string> names{broker.group_name()};
    const auto deleted = broker.admin().delete_groups(names, 20s);
    INFO((deleted ? "" : deleted.error().text()));
    CHECK(deleted.has_value());
}
