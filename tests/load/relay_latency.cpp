#include "load/relay_latency.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <unordered_map>

#include "archive/events.hpp"
#include "journal/announcer.hpp"
#include "journal/append.hpp"
#include "kafka/admin.hpp"
#include "kafka/consumer_group.hpp"
#include "kafka/producer.hpp"
#include "load/measure.hpp"
#include "load/relay_contest.hpp"
#include "load/stripe_body.hpp"

namespace tollgate::load {

namespace {

using postgres::Connection;
using postgres::Transaction;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::size_t committers = 8;
constexpr std::size_t events_per_second = 2000;
constexpr std::chrono::seconds warm_up{3};
constexpr std::chrono::seconds deadline{60};
constexpr std::size_t body_bytes = 1024;
constexpr auto between = std::chrono::nanoseconds{std::chrono::seconds{1}} / events_per_second;

// Of each event: its id, and when it was sent on its way.
struct Events {
    explicit Events(std::size_t count) : sent(count) {
        for (std::size_t i = 0; i < count; ++i) ids.push_back(make_uuid_v7());
    }

    std::vector<Uuid> ids;
    std::vector<std::atomic<SteadyTime>> sent;
};

// Notes when each event comes, on a thread of its own.
class Receiver final : public kafka::AssignmentListener {
public:
    Receiver(const Surroundings& surroundings, const std::string& topic, const Events& events)
        : events_{events}, received_(events.ids.size()) {
        for (std::size_t i = 0; i < events.ids.size(); ++i) numbers_[events.ids[i].text()] = i;
        group_ = must(kafka::ConsumerGroup::create(
            {.client = {.brokers = surroundings.kafka_brokers}, .group = topic + ".load", .topics = {topic}},
            *this));
        while (!assigned_) must(group_->poll(1, std::chrono::milliseconds{100}));
        thread_ = std::jthread{[this](const std::stop_token& stop) {
            while (!stop.stop_requested()) receive();
        }};
    }

    // Once all are there; those of the first seconds are not counted.
    Latencies latencies() {
        const SteadyTime end = std::chrono::steady_clock::now() + deadline;
        while (count_ < received_.size() && std::chrono::steady_clock::now() < end)
            pause_until(std::chrono::steady_clock::now() + std::chrono::milliseconds{10});
        thread_.request_stop();
        thread_.join();
        if (count_ < received_.size()) throw std::runtime_error{"not all events came to the consumer"};
        Latencies latencies;
        const auto warm = events_per_second * static_cast<std::size_t>(warm_up.count());
        for (std::size_t i = warm; i < received_.size(); ++i)
            latencies.record(received_[i] - events_.sent[i].load());
        return latencies;
    }

    Result<std::vector<kafka::Offset>> on_assigned(
        std::span<const kafka::TopicPartition> partitions) override {
        assigned_ = true;
        return std::vector<kafka::Offset>(partitions.size(), kafka::from_the_earliest);
    }
    void on_revoked(std::span<const kafka::TopicPartition>) override {}
    void on_lost(std::span<const kafka::TopicPartition>) override {}

private:
    void receive() {
        const auto polled = must(group_->poll(1000, std::chrono::milliseconds{100}));
        const SteadyTime now = std::chrono::steady_clock::now();
        for (const kafka::ReceivedRecord& record : polled.records) {
            const auto found = numbers_.find(std::string{record.header("ce_id").value_or("")});
            if (found == numbers_.end() || received_[found->second] != SteadyTime{}) continue;
            received_[found->second] = now;
            ++count_;
        }
    }

    const Events& events_;
    std::unordered_map<std::string, std::size_t> numbers_;
    std::vector<SteadyTime> received_;
    std::atomic<std::size_t> count_ = 0;
    bool assigned_ = false;
    std::unique_ptr<kafka::ConsumerGroup> group_;
    std::jthread thread_;
};

// One of those who commit at their pace, each event in a transaction of its own.
void commit_paced(const Surroundings& surroundings, std::size_t place, SteadyTime begin,
                  journal::Announcer& announcer, Events& events) {
    Connection connection = open_database(surroundings, "relay load");
    const StripeBody bodies{body_bytes, 2,
                            std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
    for (std::size_t number = place; number < events.ids.size(); number += committers) {
        archive::Event event{.id = events.ids[number],
                             .tenant = events.ids.front(),
                             .source = "stripe",
                             .provider = "stripe",
                             .type = "invoice.payment_succeeded",
                             .content_type = "application/json"};
        bodies.append(number, event.body);
        const journal::NewEntry entry{.tenant = event.tenant, .topic = "raw", .event_id = event.id};
        pause_until(begin + between * static_cast<std::int64_t>(number));
        must(transact(connection, [&](Transaction& tx) {
            archive::write(tx, {&event, 1});
            journal::append(tx, {&entry, 1});
        }));
        events.sent[number].store(std::chrono::steady_clock::now());
        announcer.announce();
    }
}

Latencies measure_relay(const Surroundings& surroundings, const std::string& prefix, Events& events) {
    const test::ServiceProcess relay = start_relay(surroundings, prefix);
    Receiver receiver{surroundings, prefix + "raw", events};
    journal::Announcer announcer{{.url = Secret{surroundings.database_url}, .application_name = "relay load"},
                                 std::chrono::milliseconds{1}};
    const SteadyTime begin = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    {
        std::vector<std::jthread> threads;
        for (std::size_t place = 0; place < committers; ++place)
            threads.emplace_back([&, place] { commit_paced(surroundings, place, begin, announcer, events); });
    }
    return receiver.latencies();
}

Latencies measure_bare(const Surroundings& surroundings, const std::string& topic, Events& events) {
    auto producer = must(kafka::Producer::create({.client = {.brokers = surroundings.kafka_brokers}}));
    Receiver receiver{surroundings, topic, events};
    const StripeBody bodies{body_bytes, 3,
                            std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())};
    const SteadyTime begin = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    for (std::size_t number = 0; number < events.ids.size(); ++number) {
        const std::string id = events.ids[number].text();
        std::string body;
        bodies.append(number, body);
        pause_until(begin + between * static_cast<std::int64_t>(number));
        events.sent[number].store(std::chrono::steady_clock::now());
        must(producer.send(number + 1,
                           {.topic = topic, .key = id, .value = body, .headers = {{"ce_id", id}}}));
        producer.poll(std::chrono::milliseconds{0});
    }
    producer.flush(deadline);
    return receiver.latencies();
}

}  // namespace

RelayLatency measure_relay_latency(const Surroundings& surroundings) {
    const auto length = warm_up + std::min(surroundings.extent.run, std::chrono::seconds{20});
    const std::size_t count = events_per_second * static_cast<std::size_t>(length.count());
    const std::string prefix = "load-" + make_uuid_v7().text() + ".";
    auto admin = must(kafka::Admin::create({.brokers = surroundings.kafka_brokers}));
    const kafka::TopicToCreate alone{.name = prefix + "alone", .partitions = 12};
    must(admin.create_topics({&alone, 1}, deadline));
    Events committed{count};
    Events sent{count};
    return {.commit_to_receipt = measure_relay(surroundings, prefix, committed),
            .send_to_receipt = measure_bare(surroundings, alone.name, sent)};
}

}  // namespace tollgate::load
