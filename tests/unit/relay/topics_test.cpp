#include "relay/topics.hpp"

#include <catch2/catch.hpp>

using namespace tollgate;
using relay::TopicRules;
using relay::WantedTopic;

namespace {

const TopicRules rules{.prefix = "shop.", .record_bytes_max = 1'000'000};
const WantedTopic wanted{.name = "shop.raw",
                         .partitions = 12,
                         .retention = std::chrono::hours{168},
                         .below = std::chrono::days{35}};

kafka::TopicDescription strong() {
    return {.name = "shop.raw",
            .partitions = 12,
            .replication = 3,
            .configs = {{"retention.ms", "604800000"},
                        {"min.insync.replicas", "2"},
                        {"max.message.bytes", "1048588"},
                        {"unclean.leader.election.enable", "false"},
                        {"cleanup.policy", "delete"}}};
}

std::vector<std::string> weak_with(const std::string& name, const std::string& value) {
    kafka::TopicDescription topic = strong();
    topic.configs[name] = value;
    return weaknesses(topic, wanted, rules, 3);
}

void check_only(const std::vector<std::string>& found, const std::string& about) {
    REQUIRE(found.size() == 1);
    CHECK_THAT(found.front(), Catch::Contains(about));
}

}  // namespace

TEST_CASE("the topics are those of the pipeline under the prefix") {
    std::vector<std::string> described;
    for (const WantedTopic& topic : wanted_topics(rules))
        described.push_back(fmt::format("{} {} {}h", topic.name, topic.partitions, topic.retention.count()));
    CHECK(described == std::vector<std::string>{"shop.raw 12 168h", "shop.payment 12 168h",
                                                "shop.billing.dlq 3 720h", "shop.delivery.dlq 3 720h",
                                                "shop.enrichment.dlq 3 720h"});
}

TEST_CASE(
    "what consumers read is kept for less than the events are, and dead letters for as long as one likes") {
    const auto topics = relay::wanted_topics({.prefix = "shop.", .horizon = std::chrono::days{7}});
    CHECK(topics[0].retention == std::chrono::hours{84});
    CHECK(topics[1].below == std::chrono::days{7});
    CHECK(topics[2].retention == std::chrono::hours{720});
    CHECK(topics[2].below == std::nullopt);
}

TEST_CASE("a topic as it should be has no weakness and neither has a stronger one") {
    CHECK(weaknesses(strong(), wanted, rules, 3).empty());
    kafka::TopicDescription stronger = strong();
    stronger.partitions = 24;
    stronger.configs["retention.ms"] = "3023999999";
    stronger.configs["max.message.bytes"] = "9000000";
    CHECK(weaknesses(stronger, wanted, rules, 3).empty());
}

TEST_CASE("each weakness of a topic is told") {
    kafka::TopicDescription few = strong();
    few.partitions = 6;
    check_only(weaknesses(few, wanted, rules, 3), "6 partitions of 12");
    kafka::TopicDescription alone = strong();
    alone.replication = 1;
    CHECK(weaknesses(alone, wanted, rules, 1).empty());
    check_only(weaknesses(alone, wanted, rules, 5), "1 replicas of 3");
    check_only(weak_with("retention.ms", "3600000"), "retention.ms");
    check_only(weak_with("retention.ms", "3024000000"), "events are kept for 35 days");
    check_only(weak_with("retention.ms", "-1"), "Set retention.ms below 3024000000");
    check_only(weak_with("min.insync.replicas", "1"), "min.insync.replicas");
    check_only(weak_with("max.message.bytes", "999999"), "max.message.bytes");
    check_only(weak_with("unclean.leader.election.enable", "true"), "unclean");
    check_only(weak_with("cleanup.policy", "compact"), "cleanup.policy");
}

TEST_CASE("what brokers do not show is no weakness") {
    kafka::TopicDescription topic = strong();
    topic.configs.clear();
    CHECK(weaknesses(topic, wanted, rules, 3).empty());
}
