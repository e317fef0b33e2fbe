#include "kafka/producer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <catch2/catch.hpp>

#include "support/kafka_broker.hpp"
#include "support/wait.hpp"
#include "unit/kafka/small_relay.hpp"

using namespace tollgate;
using namespace tollgate::kafka;
using namespace tollgate::test;
using namespace std::chrono_literals;
using namespace std::string_view_literals;
using Catch::Matchers::Contains;

namespace {

constexpr auto broken = DeliveryFailure::Kind::broken;
constexpr auto refused = DeliveryFailure::Kind::refused;

ProducerSettings to(const KafkaBroker& broker) {
    return {.client = broker.client()};
}

std::string output_of(const std::string& command) {
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), count);
    INFO(command);
    REQUIRE(pclose(pipe) == 0);
    return output;
}

}  // namespace

TEST_CASE("what is sent is in the log once and in order") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    auto producer = Producer::create(to(broker)).value();
    SmallRelay relay{producer, topic, numbered(500)};
    CHECK(relay.run());
    CHECK(relay.failures.empty());
    CHECK(values_in(broker.client(), {topic, 0}) == numbered(500));
}

TEST_CASE("acknowledgements over many partitions count only without a hole") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(12);
    auto producer = Producer::create(to(broker)).value();
    constexpr Sequence count = 5000;
    Sequence acknowledged = 0;
    for (Sequence sequence = 1; sequence <= count; ++sequence) {
        const std::string key = "key " + std::to_string(sequence % 97);
        while (!producer.send(sequence * 10, {.topic = topic, .key = key, .value = "value"}))
            producer.poll(10ms);
        const auto deliveries = producer.poll(0ms);
        REQUIRE_FALSE(deliveries.failure);
        REQUIRE(deliveries.acknowledged.value_or(0) >= acknowledged);
        acknowledged = deliveries.acknowledged.value_or(0);
        // What is under way and what is acknowledged are everything, and a prefix.
        REQUIRE(acknowledged / 10 + deliveries.under_way == sequence);
    }
    const auto all = producer.flush(20s);
    CHECK(all.acknowledged == count * 10);
    CHECK(all.under_way == 0);
}

TEST_CASE("a record over the topic's limit is refused for good and the rest goes on") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(1, {{"max.message.bytes", "2000"}});
    ProducerSettings settings = to(broker);
    settings.compression = Compression::none;
    auto producer = Producer::create(settings).value();
    // Small ones too: together they are over the limit, and none of them may be condemned for that.
    std::vector<std::string> values;
    for (const std::string& value : numbered(50)) values.push_back(value + std::string(100, '.'));
    values[20] = std::string(5000, 'x');
    values[40] = std::string(5000, 'y');
    SmallRelay relay{producer, topic, values};
    CHECK(relay.run(60s));
    CHECK(relay.set_aside == std::vector<Sequence>{21, 41});
    for (const DeliveryFailure& failure : relay.failures) CHECK(failure.why.code == ErrorCode::too_large);
    CHECK_THAT(relay.failures.back().why.detail, Contains(topic));
    std::vector<std::string> expected = values;
    std::erase_if(expected, [](const std::string& value) { return value.size() > 2000; });
    CHECK(first_occurrences(values_in(broker.client(), {topic, 0})) == expected);
}

TEST_CASE("a record that the broker finds invalid is refused for good") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(1, {{"cleanup.policy", "compact"}});
    auto producer = Producer::create(to(broker)).value();
    REQUIRE(producer.send(1, {.topic = topic, .partition = 0, .key = "key", .value = "good"}));
    REQUIRE(producer.flush(20s).acknowledged == Sequence{1});
    REQUIRE(producer.send(2, {.topic = topic, .partition = 0, .value = "a compacted topic wants keys"}));
    const auto deliveries = producer.flush(20s);
    REQUIRE(deliveries.failure);
    CHECK(deliveries.failure->kind == refused);
    CHECK(deliveries.failure->sequence == 2);
    CHECK(deliveries.failure->why.code == ErrorCode::refused);
}

TEST_CASE("a missing topic condemns nobody and is over when it is there") {
    KafkaBroker broker;
    const std::string topic = broker.topic_name();
    ProducerSettings settings = to(broker);
    settings.client.properties["topic.metadata.propagation.max.ms"] = "500";
    auto producer = Producer::create(settings).value();
    REQUIRE(producer.send(1, {.topic = topic, .key = "key", .value = "value"}));
    const auto deliveries = producer.flush(20s);
    REQUIRE(deliveries.failure);
    CHECK(deliveries.failure->kind == broken);
    CHECK(deliveries.failure->sequence == 1);
    CHECK(deliveries.failure->why.code == ErrorCode::misconfigured);
    CHECK_THAT(deliveries.failure->why.detail, Contains("topic " + topic));

    const TopicToCreate wanted{.name = topic};
    REQUIRE(broker.admin().create_topics({&wanted, 1}, 20s));
    REQUIRE(producer.restart());
    REQUIRE(producer.send(1, {.topic = topic, .key = "key", .value = "value"}));
    CHECK(producer.flush(20s).acknowledged == Sequence{1});
}

TEST_CASE("a missing partition condemns nobody") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic(1);
    auto producer = Producer::create(to(broker)).value();
    REQUIRE(producer.send(1, {.topic = topic, .partition = 7, .value = "value"}));
    const auto deliveries = producer.flush(20s);
    REQUIRE(deliveries.failure);
    CHECK(deliveries.failure->kind == broken);
    CHECK(deliveries.failure->why.code == ErrorCode::misconfigured);
}

TEST_CASE("records go compressed to Kafka") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    const std::string value(10'000, 'z');
    const auto wire_bytes_with = [&](Compression compression) {
        ProducerSettings settings = to(broker);
        settings.compression = compression;
        auto producer = Producer::create(settings).value();
        for (Sequence sequence = 1; sequence <= 100; ++sequence) {
            REQUIRE(producer.send(sequence, {.topic = topic, .partition = 0, .key = "key", .value = value}));
        }
        REQUIRE(producer.flush(20s).acknowledged == Sequence{100});
        REQUIRE(wait_until([&] {
            producer.poll(10ms);
            return producer.statistics().record_bytes >= 1'000'000;
        }));
        return producer.statistics().wire_bytes;
    };
    CHECK(wire_bytes_with(Compression::none) > 1'000'000);
    CHECK(wire_bytes_with(Compression::lz4) < 100'000);
    CHECK(wire_bytes_with(Compression::zstd) < 100'000);
    const auto values = values_in(broker.client(), {topic, 0});
    CHECK(values.size() == 300);
    CHECK(std::ranges::count(values, value) == 300);
}

TEST_CASE("statistics say how long a broker takes") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    auto producer = Producer::create(to(broker)).value();
    REQUIRE(producer.send(1, {.topic = topic, .partition = 0, .value = "value"}));
    REQUIRE(producer.flush(20s).acknowledged == Sequence{1});
    CHECK(wait_until([&] {
        producer.poll(10ms);
        return producer.statistics().round_trip_p99 > 0us;
    }));
    CHECK(producer.statistics().round_trip_average > 0us);
    CHECK(producer.statistics().records_under_way == 0);
}

TEST_CASE("a key goes to the same partition as with Java") {
    // Computed by Kafka's own Utils.toPositive(Utils.murmur2(key)) % 12.
    const std::vector<std::pair<std::string_view, std::int32_t>> known{
        {"", 9},
        {"a", 4},
        {"ab", 2},
        {"abc", 3},
        {"abcd", 8},
        {"21", 0},
        {"foobar", 6},
        {"a-little-bit-long-string", 8},
        {"a-little-bit-longer-string", 11},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", 5},
        {"0190b4a5-7a3e-7c11-8f00-1234567890ab/stripe/cus_9s6XKzkNRiz8i3", 7},
        {"schl\xc3\xbcssel", 0},
        {"kafka", 4},
    };
    KafkaBroker broker;
    const std::string topic = broker.create_topic(12);
    auto producer = Producer::create(to(broker)).value();
    for (Sequence sequence = 1; sequence <= known.size(); ++sequence) {
        const std::string_view key = known[sequence - 1].first;
        REQUIRE(producer.send(sequence, {.topic = topic, .key = key, .value = key}));
    }
    REQUIRE(producer.flush(20s).acknowledged == known.size());
    for (std::int32_t partition = 0; partition < 12; ++partition) {
        std::vector<std::string> expected;
        for (const auto& [key, its_partition] : known) {
            if (its_partition == partition) expected.emplace_back(key);
        }
        CHECK(values_in(broker.client(), {topic, partition}) == expected);
    }
}

TEST_CASE("a record arrives as it was sent") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    auto producer = Producer::create(to(broker)).value();
    const Timestamp time{1'700'000'000'123ms};
    const std::vector<Header> headers{{"name", "\0\xfe"sv}, {"other", ""}, {"name", "second"}};
    REQUIRE(producer.send(1, {.topic = topic,
                              .partition = 0,
                              .key = "k\0y"sv,
                              .value = "\xff\0v"sv,
                              .headers = headers,
                              .timestamp = time}));
    REQUIRE(producer.send(2, {.topic = topic, .partition = 0}));
    REQUIRE(producer.send(3, {.topic = topic, .partition = 0, .key = "", .value = ""}));
    REQUIRE(producer.flush(20s).acknowledged == Sequence{3});

    auto reader = LogReader::create(broker.client(), broker.group_name()).value();
    const auto full = reader.read_at({topic, 0}, 0, 20s).value();
    REQUIRE(full);
    CHECK(full->topic() == topic);
    CHECK(full->offset() == 0);
    CHECK(full->key() == "k\0y"sv);
    CHECK(full->value() == "\xff\0v"sv);
    CHECK(full->headers() == headers);
    CHECK(full->header("name") == "second"sv);
    CHECK_FALSE(full->header("none"));
    CHECK(full->timestamp() == time);
    const auto null = reader.read_at({topic, 0}, 1, 20s).value();
    REQUIRE(null);
    CHECK_FALSE(null->key());
    CHECK_FALSE(null->value());
    CHECK(null->headers().empty());
    const auto empty = reader.read_at({topic, 0}, 2, 20s).value();
    REQUIRE(empty);
    CHECK(empty->key() == ""sv);
    CHECK(empty->value() == ""sv);
}

TEST_CASE("kcat reads what was sent") {
    KafkaBroker broker;
    const std::string topic = broker.create_topic();
    auto producer = Producer::create(to(broker)).value();
    REQUIRE(producer.send(1, {.topic = topic,
                              .partition = 0,
                              .key = "tenant/source/1",
                              .value = "{\"paid\":true}",
                              .headers = {{"ce_id", "0190"}, {"ce_type", "stripe.paid"}}}));
    REQUIRE(producer.flush(20s).acknowledged == Sequence{1});
    CHECK(output_of("kcat -C -q -e -b " + broker.address() + " -t " + topic + " -f '%k|%h|%s|%o'") ==
          "tenant/source/1|ce_id=0190,ce_type=stripe.paid|{\"paid\":true}|0");
}
