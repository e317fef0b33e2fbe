#include <catch2/catch.hpp>

#include "integration/kafka/member.hpp"
#include "kafka/producer.hpp"
#include "unit/kafka/mock_cluster.hpp"
#include "unit/kafka/small_relay.hpp"

using namespace tollgate;
using namespace tollgate::kafka;
using namespace tollgate::test;
using namespace std::chrono_literals;

TEST_CASE("brokers that go down and come up stop nobody who reads") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    const ClientSettings client{.brokers = cluster.brokers()};
    auto producer = Producer::create({.client = client}).value();
    REQUIRE(SmallRelay{producer, "topic", numbered(10)}.run());
    Member member{{.client = client, .group = "group", .topics = {"topic"}}};
    REQUIRE(poll_until({&member}, [&] { return member.records() == 10; }));

    cluster.set_down();
    for (int i = 0; i < 20; ++i) {
        const auto polled = member.poll();
        REQUIRE(polled);
        CHECK(polled->records.empty());
    }
    cluster.set_up();
    REQUIRE(producer.send(1001, {.topic = "topic", .partition = 0, .value = "after"}));
    REQUIRE(producer.flush(20s).acknowledged == Sequence{1001});
    REQUIRE(poll_until({&member}, [&] { return member.records() == 11; }));
    auto expected = numbered(10);
    expected.emplace_back("after");
    CHECK(member.values[{"topic", 0}] == expected);
}
