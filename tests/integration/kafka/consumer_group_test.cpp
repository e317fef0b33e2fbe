#include <catch2/catch.hpp>

#include "integration/kafka/member.hpp"
#include "kafka/producer.hpp"
#include "support/kafka_broker.hpp"
#include "support/ports.hpp"
#include "unit/kafka/small_relay.hpp"

using namespace tollgate;
using namespace tollgate::kafka;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

// "value 1" ... in partition 0.
void fill(const KafkaBroker& broker, const std::string& topic, std::size_t count) {
    auto producer = Producer::create({.client = broker.client()}).value();
    REQUIRE(SmallRelay{producer, topic, numbered(count)}.run());
}

}  // namespace

TEST_CASE("a consumer starts where the caller says and gets everything from there in order") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(2);
    fill(broker, topic, 500);
    Member member{Member::settings(broker, broker.group_name(), topic)};
    member.start_at[{topic, 0}] = 300;
    REQUIRE(poll_until({&member}, [&] { return member.records() == 200; }));
    CHECK(member.story == std::vector<std::string>{"assigned 2"});
    CHECK(member.offsets[{topic, 0}].front() == 300);
    CHECK(member.offsets[{topic, 0}].back() == 499);
    CHECK(member.values[{topic, 0}].front() == "value 301");
    CHECK(member.group().assigned() == std::vector<TopicPartition>{{topic, 0}, {topic, 1}});
}

TEST_CASE("a poll gives no more than it was asked for") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    fill(broker, topic, 50);
    Member member{Member::settings(broker, broker.group_name(), topic)};
    while (member.records() < 50) {
        const auto polled = member.poll(7);
        REQUIRE(polled);
        CHECK(polled->records.size() <= 7);
    }
    CHECK(member.values[{topic, 0}] == numbered(50));
}

TEST_CASE("nothing is fetched before the caller has said where to start") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    fill(broker, topic, 10);
    Member member{Member::settings(broker, broker.group_name(), topic)};
    member.refuses_to_start = true;
    // The failure is the caller's own, it is told, and the question comes again.
    int failures = 0;
    while (failures < 3) {
        const auto polled = member.poll();
        if (polled) {
            REQUIRE(polled->records.empty());
        } else {
            CHECK(polled.error().detail == "the database is away");
            ++failures;
        }
    }
    CHECK(member.asked == 3);
    CHECK(member.group().assigned().empty());
    member.refuses_to_start = false;
    member.start_at[{topic, 0}] = 4;
    REQUIRE(poll_until({&member}, [&] { return member.records() == 6; }));
    CHECK(member.offsets[{topic, 0}].front() == 4);
}

TEST_CASE("a position beyond the log is told and nothing moves until the caller seeks") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(2);
    fill(broker, topic, 10);
    Member member{Member::settings(broker, broker.group_name(), topic)};
    member.start_at[{topic, 0}] = 1000;
    REQUIRE(poll_until({&member}, [&] { return !member.out_of_range.empty(); }));
    CHECK(member.out_of_range[0].partition == TopicPartition{topic, 0});
    CHECK(member.out_of_range[0].asked == 1000);
    CHECK_FALSE(member.out_of_range[0].why.empty());
    CHECK(member.records() == 0);
    const auto marks = member.group().watermarks({topic, 0}, 20s).value();
    CHECK(marks.low == 0);
    CHECK(marks.high == 10);
    CHECK(member.records() == 0);

    REQUIRE(member.group().seek({topic, 0}, from_the_earliest));
    REQUIRE(poll_until({&member}, [&] { return member.records() == 10; }));
    CHECK(member.values[{topic, 0}] == numbered(10));
    CHECK(member.out_of_range.size() == 1);
}

TEST_CASE("a position below the log goes on silently if the caller wants it so") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    fill(broker, topic, 10);
    ConsumerSettings settings = Member::settings(broker, broker.group_name(), topic);
    settings.when_out_of_range = WhenOutOfRange::earliest;
    Member member{settings};
    member.start_at[{topic, 0}] = 1000;
    REQUIRE(poll_until({&member}, [&] { return member.records() == 10; }));
    CHECK(member.out_of_range.empty());
}

TEST_CASE("a seek gives nothing of before and everything from there") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    fill(broker, topic, 500);
    Member member{Member::settings(broker, broker.group_name(), topic)};
    REQUIRE(poll_until({&member}, [&] { return member.records() > 0; }));
    REQUIRE(member.group().seek({topic, 0}, 490));
    member.offsets.clear();
    member.values.clear();
    REQUIRE(poll_until({&member}, [&] { return member.records() == 10; }));
    CHECK(member.offsets[{topic, 0}].front() == 490);
    CHECK_FALSE(member.group().seek({topic, 5}, 0));
}

TEST_CASE("a paused partition lies still and goes on without gap or repeat") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(2);
    fill(broker, topic, 1000);
    auto producer = Producer::create({.client = broker.client()}).value();
    Member member{Member::settings(broker, broker.group_name(), topic)};
    while (member.records() < 100) REQUIRE(member.poll(100));
    const std::vector<TopicPartition> paused{{topic, 0}};
    REQUIRE(member.group().pause(paused));
    REQUIRE(member.group().pause(paused));
    const std::size_t before = member.values[{topic, 0}].size();

    // The other one is still read, which shows that there was time to read this one.
    REQUIRE(producer.send(1, {.topic = topic, .partition = 1, .value = "other"}));
    REQUIRE(producer.flush(20s).acknowledged == Sequence{1});
    REQUIRE(poll_until({&member}, [&] { return member.values[{topic, 1}].size() == 1; }));
    CHECK(member.values[{topic, 0}].size() == before);

    REQUIRE(member.group().resume(paused));
    while (member.values[{topic, 0}].size() < 500) REQUIRE(member.poll(100));
    REQUIRE(member.group().resume(paused));
    REQUIRE(poll_until({&member}, [&] { return member.values[{topic, 0}].size() >= 1000; }));
    CHECK(member.values[{topic, 0}] == numbered(1000));
    const std::vector<TopicPartition> others{{topic, 9}};
    CHECK(member.group().pause(others).error().code == ErrorCode::not_found);
}

TEST_CASE("lag and committed offsets are for tools") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    fill(broker, topic, 100);
    const std::string name = broker.group_name();
    {
        Member member{Member::settings(broker, name, topic)};
        member.start_at[{topic, 0}] = 20;
        while (member.records() < 30) REQUIRE(member.poll(30 - member.records()));
        const auto lag = member.group().lag();
        REQUIRE(lag.size() == 1);
        CHECK(lag[0].next == 50);
        CHECK(lag[0].high == 100);
        CHECK(lag[0].records() == 50);

        const std::vector<TopicPartition> partitions{{topic, 0}};
        CHECK(member.group().committed(partitions, 20s).value() ==
              std::vector<std::optional<Offset>>{std::nullopt});
        const std::vector<PartitionOffset> offsets{{{topic, 0}, 50}};
        REQUIRE(member.group().commit(offsets));
        REQUIRE(poll_until({&member}, [&] {
            return member.group().committed(partitions, 20s).value() ==
                   std::vector<std::optional<Offset>>{50};
        }));
    }
    // They do not decide where anybody starts.
    Member next{Member::settings(broker, name, topic)};
    next.start_at[{topic, 0}] = 90;
    REQUIRE(poll_until({&next}, [&] { return next.records() == 10; }));
    CHECK(next.offsets[{topic, 0}].front() == 90);
}

TEST_CASE("a topic that comes later is waited for") {
    KafkaBroker broker;
    const std::string topic = broker.topic_name();
    ConsumerSettings settings = Member::settings(broker, broker.group_name(), topic);
    settings.client.properties["topic.metadata.refresh.interval.ms"] = "200";
    Member member{settings};
    REQUIRE(member.poll(10, 500ms));
    CHECK(member.story.empty());
    const TopicToCreate wanted{.name = topic};
    REQUIRE(broker.admin().create_topics({&wanted, 1}, 20s));
    fill(broker, topic, 5);
    REQUIRE(poll_until({&member}, [&] { return member.records() == 5; }));
}

TEST_CASE("records outlive the group that gave them") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    fill(broker, topic, 10);
    std::vector<ReceivedRecord> held;
    {
        Member member{Member::settings(broker, broker.group_name(), topic)};
        while (held.empty()) held = std::move(member.poll().value().records);
        CHECK(member.group().close(20s).has_value());
        CHECK_FALSE(member.group().poll(1, 0ms));
    }
    CHECK(held.front().value() == "value 1");
}

TEST_CASE("a group whose brokers are not there is waited for and closed at once") {
    const std::string nowhere = "127.0.0.1:" + std::to_string(free_port());
    Member member{{.client = {.brokers = nowhere}, .group = "group", .topics = {"topic"}}};
    const auto polled = member.poll(1, 300ms);
    REQUIRE(polled);
    CHECK(polled->records.empty());
    const auto begin = std::chrono::steady_clock::now();
    CHECK(member.group().close(20s).has_value());
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}
