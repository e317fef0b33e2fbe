#include <catch2/catch.hpp>

#include "kafka/producer.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"
#include "unit/kafka/mock_cluster.hpp"
#include "unit/kafka/small_relay.hpp"

using namespace tollgate;
using namespace tollgate::kafka;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

constexpr auto broken = DeliveryFailure::Kind::broken;
constexpr auto refused = DeliveryFailure::Kind::refused;

// A batch a record, so that requests can be counted, unless a test wants batches; and as many of them under
// way as there may be.
ProducerSettings to(const MockCluster& cluster, const std::string& records_per_batch = "1") {
    ProducerSettings settings{.client = {.brokers = cluster.brokers()}, .linger = 0ms};
    settings.requests_in_flight = 5;
    settings.client.properties["batch.num.messages"] = records_per_batch;
    settings.client.properties["retry.backoff.ms"] = "20";
    return settings;
}

std::vector<std::string> log_of(const MockCluster& cluster) {
    return values_in({.brokers = cluster.brokers()}, {"topic", 0});
}

Record record(std::string_view value) {
    return {.topic = "topic", .partition = 0, .value = value};
}

}  // namespace

TEST_CASE("a passing error is waited through and nothing fails") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    ProducerSettings settings = to(cluster, "10000");
    settings.linger = 50ms;  // one batch
    auto producer = Producer::create(settings).value();
    cluster.answer_produce({Answer::not_enough_replicas, Answer::not_enough_replicas});
    SmallRelay relay{producer, "topic", numbered(10)};
    CHECK(relay.run());
    CHECK(relay.failures.empty());
    CHECK(log_of(cluster) == numbered(10));
}

TEST_CASE("a lost batch does not count because a later one was accepted") {
    // The mock, like a real broker that does not know the producer yet, accepts the second batch alone; and
    // librdkafka then takes the first one for accepted too.
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    auto producer = Producer::create(to(cluster)).value();
    cluster.answer_produce({Answer::not_enough_replicas});
    SmallRelay relay{producer, "topic", numbered(20)};
    CHECK(relay.run());
    auto found = first_occurrences(log_of(cluster));
    auto expected = numbered(20);
    std::ranges::sort(found);
    std::ranges::sort(expected);
    CHECK(found == expected);
    CHECK(relay.set_aside.empty());
}

TEST_CASE("with one request in flight the order holds while brokers come and go") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    ProducerSettings settings = to(cluster);
    settings.requests_in_flight = 1;
    auto producer = Producer::create(settings).value();
    cluster.answer_produce({Answer::not_enough_replicas, Answer::accepted, Answer::disconnect,
                            Answer::not_enough_replicas, Answer::not_enough_replicas, Answer::accepted,
                            Answer::disconnect});
    SmallRelay relay{producer, "topic", numbered(30)};
    CHECK(relay.run());
    CHECK(relay.failures.empty());
    CHECK(first_occurrences(log_of(cluster)) == numbered(30));
}

TEST_CASE("what is queued behind a refused batch is stopped") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    ProducerSettings settings = to(cluster);
    settings.requests_in_flight = 1;
    auto producer = Producer::create(settings).value();
    cluster.answer_produce({Answer::too_large});
    SmallRelay relay{producer, "topic", numbered(10)};
    CHECK(relay.run());
    CHECK(relay.set_aside.empty());
    // All but the one request that librdkafka has already made up: a real broker refuses that as out of
    // order, the mock does not count.
    const auto first = first_occurrences(log_of(cluster));
    CHECK(first.size() == 10);
    CHECK(std::ranges::find(first, "value 1") - first.begin() <= 1);
}

TEST_CASE("of a refused batch nobody is condemned before it is refused alone") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    ProducerSettings settings = to(cluster, "10000");
    settings.linger = 50ms;
    auto producer = Producer::create(settings).value();
    // First the batch of all ten, then one after the other: the fourth is at fault.
    cluster.answer_produce(
        {Answer::too_large, Answer::accepted, Answer::accepted, Answer::accepted, Answer::too_large});
    SmallRelay relay{producer, "topic", numbered(10)};
    CHECK(relay.run());
    REQUIRE(relay.failures.size() == 2);
    CHECK(relay.failures[0].kind == broken);
    CHECK(relay.failures[1].kind == refused);
    CHECK(relay.failures[1].why.code == ErrorCode::too_large);
    CHECK(relay.set_aside == std::vector<Sequence>{4});
    auto expected = numbered(10);
    std::erase(expected, "value 4");
    CHECK(log_of(cluster) == expected);
}

TEST_CASE("a missing permission condemns nobody and is over when it is given") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    auto producer = Producer::create(to(cluster)).value();
    cluster.answer_produce(std::vector<Answer>(5, Answer::not_authorized));
    SmallRelay relay{producer, "topic", numbered(10)};
    CHECK(relay.run());
    REQUIRE_FALSE(relay.failures.empty());
    for (const DeliveryFailure& failure : relay.failures) {
        CHECK(failure.kind == broken);
        CHECK(failure.why.code == ErrorCode::misconfigured);
        CHECK_THAT(failure.why.detail, Contains("topic topic: ") && Contains("authorization"));
    }
    CHECK(relay.set_aside.empty());
    CHECK(first_occurrences(log_of(cluster)).size() == 10);
}

TEST_CASE("after a failure nothing counts and nothing is taken until a restart") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    auto producer = Producer::create(to(cluster)).value();
    REQUIRE(producer.send(1, record("one")));
    REQUIRE(producer.flush(10s).acknowledged == Sequence{1});
    cluster.answer_produce({Answer::not_authorized});
    REQUIRE(producer.send(2, record("more")));
    // The failure may be known before all of them are sent, and the rest is then not taken.
    for (Sequence sequence = 3; sequence <= 6; ++sequence) {
        const auto taken = producer.send(sequence, record("more"));
        if (!taken) CHECK(taken.error().code == ErrorCode::unavailable);
    }
    const auto failed = producer.flush(10s);
    REQUIRE(failed.failure);
    CHECK(failed.failure->sequence == 2);
    CHECK(failed.acknowledged == Sequence{1});
    const auto untaken = producer.send(7, record("later"));
    REQUIRE_FALSE(untaken);
    CHECK(untaken.error().code == ErrorCode::unavailable);
    CHECK_THAT(untaken.error().detail, Contains("record 2 has failed"));
    // However long it is polled.
    const auto polled = producer.poll(200ms);
    CHECK(polled.acknowledged == Sequence{1});
    CHECK(polled.failure->sequence == 2);

    CHECK(producer.generation() == 1);
    REQUIRE(producer.restart());
    CHECK(producer.generation() == 2);
    const auto fresh = producer.poll(200ms);
    CHECK_FALSE(fresh.acknowledged);
    CHECK_FALSE(fresh.failure);
    CHECK(fresh.under_way == 0);
    REQUIRE(producer.send(2, record("two")));
    CHECK(producer.flush(10s).acknowledged == Sequence{2});
}

TEST_CASE("a record that is not taken after a failure is not the one that failed") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    auto producer = Producer::create(to(cluster)).value();
    cluster.answer_produce({Answer::not_authorized});
    Sequence next = 1;
    Result<void> taken;
    // Nothing is polled, so it is the sending of a later record that meets the failure first.
    CHECK(wait_until([&] { return !(taken = producer.send(next++, record("more"))); }));
    CHECK_THAT(taken.error().detail, Contains("record 1 has failed"));
    const auto failed = producer.flush(10s);
    REQUIRE(failed.failure);
    CHECK(failed.failure->sequence == 1);
    CHECK(failed.failure->why.code == ErrorCode::misconfigured);
}

TEST_CASE("a restart in the middle of the traffic leaves no gap") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    auto producer = Producer::create(to(cluster)).value();
    const auto values = numbered(200);
    Sequence settled = 0;
    for (int round = 0; round < 10 && settled < values.size(); ++round) {
        for (Sequence next = settled + 1; next <= values.size(); ++next) {
            REQUIRE(producer.send(next, record(values[next - 1])));
        }
        // One look at whatever has come by now, and away with the rest.
        const auto deliveries = round < 9 ? producer.poll(5ms) : producer.flush(10s);
        REQUIRE_FALSE(deliveries.failure);
        settled = deliveries.acknowledged.value_or(settled);
        REQUIRE(producer.restart());
    }
    CHECK(settled == values.size());
    CHECK(first_occurrences(log_of(cluster)) == values);
}

TEST_CASE("a full queue is said so and takes more after polling") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    cluster.set_down();
    ProducerSettings settings = to(cluster);
    settings.queue_records_max = 10;
    auto producer = Producer::create(settings).value();
    Sequence sequence = 1;
    while (producer.send(sequence, record("value"))) ++sequence;
    CHECK(sequence == 11);
    CHECK(producer.send(sequence, record("value")).error().code == ErrorCode::overloaded);
    CHECK(producer.statistics().records_under_way == 10);
    CHECK(producer.poll(0ms).under_way == 10);
    cluster.set_up();
    CHECK(producer.flush(20s).acknowledged == Sequence{10});
    CHECK(producer.send(sequence, record("value")).has_value());
    CHECK(producer.flush(10s).acknowledged == Sequence{11});
}

TEST_CASE("a broker that goes down and comes up delays and loses nothing") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    auto producer = Producer::create(to(cluster)).value();
    REQUIRE(producer.send(1, record("value 1")));
    REQUIRE(producer.flush(10s).acknowledged == Sequence{1});
    cluster.set_down();
    for (Sequence sequence = 2; sequence <= 20; ++sequence) {
        REQUIRE(producer.send(sequence, record("value " + std::to_string(sequence))));
    }
    CHECK(wait_until([&] {
        producer.poll(10ms);
        return !producer.statistics().trouble.empty();
    }));
    const auto waiting = producer.poll(0ms);
    CHECK(waiting.acknowledged == Sequence{1});
    CHECK_FALSE(waiting.failure);
    cluster.set_up();
    CHECK(producer.flush(20s).acknowledged == Sequence{20});
    CHECK(producer.statistics().trouble.empty());
    CHECK(log_of(cluster) == numbered(20));
}

TEST_CASE("brokers that are not there are waited for and named") {
    const std::string nowhere = "127.0.0.1:" + std::to_string(free_port());
    auto producer = Producer::create({.client = {.brokers = nowhere}}).value();
    REQUIRE(producer.send(1, record("value")));
    CHECK(wait_until([&] {
        producer.poll(10ms);
        return !producer.statistics().trouble.empty();
    }));
    CHECK_THAT(producer.statistics().trouble, Contains(nowhere));
    CHECK_FALSE(producer.flush(50ms).failure);
}

TEST_CASE("a record over the limit waits for those before it and is then refused") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    ProducerSettings settings = to(cluster);
    settings.record_bytes_max = 1000;
    auto producer = Producer::create(settings).value();
    cluster.set_down();
    REQUIRE(producer.send(1, record("small")));
    REQUIRE(producer.send(2, record(std::string(2000, 'x'))));
    CHECK_FALSE(producer.poll(100ms).failure);
    CHECK(producer.send(3, record("small")).error().code == ErrorCode::overloaded);
    cluster.set_up();
    const auto deliveries = producer.flush(20s);
    CHECK(deliveries.acknowledged == Sequence{1});
    REQUIRE(deliveries.failure);
    CHECK(deliveries.failure->kind == refused);
    CHECK(deliveries.failure->sequence == 2);
    CHECK(deliveries.failure->why.code == ErrorCode::too_large);
}

TEST_CASE("sequences only grow") {
    MockCluster cluster;
    cluster.create_topic("topic", 1);
    auto producer = Producer::create(to(cluster)).value();
    REQUIRE(producer.send(5, record("value")));
    CHECK(producer.send(5, record("value")).error().code == ErrorCode::invalid);
    CHECK(producer.send(4, record("value")).error().code == ErrorCode::invalid);
    CHECK(producer.send(9, record("value")).has_value());
    CHECK(producer.flush(10s).acknowledged == Sequence{9});
}
