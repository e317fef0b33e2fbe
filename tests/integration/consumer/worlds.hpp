// A consumer's input on either bus, on real servers: what the conformance suite runs against.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/events.hpp"
#include "journal/keeper.hpp"
#include "kafka/producer.hpp"
#include "support/child_process.hpp"
#include "support/consumer_member/member.hpp"
#include "support/database.hpp"
#include "support/kafka_broker.hpp"
#include "support/postgres_server.hpp"

namespace tollgate::test {

extern const std::vector<const postgres::Schema*> consumer_schemas;

// The value, or the test fails with the error's words.
template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

Uuid tenant();
// Of one key, with this text for a body.
archive::Event event(const std::string& body, const std::string& key = "cus_1");
// "1", "2" ...
std::vector<std::string> numbers(int first, int last);
std::vector<archive::Event> numbered(int first, int last, const std::string& key = "cus_1");
std::vector<std::string> values(const std::vector<consumer::Message>& messages);

class World {
public:
    virtual ~World() = default;
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // Stores the events, and puts an entry or a record of each on the bus.
    void publish(const std::vector<archive::Event>& events);
    // On the bus alone.
    void put_again(const std::vector<archive::Event>& events) { put_on_bus(events); }
    // As the settings of a consumer of its own, or of one that others are.
    MemberSettings member() const;
    // A consumer that sees all that is published from here on.
    virtual MemberSettings another_consumer() = 0;
    // As a process: "work" or "hold".
    std::unique_ptr<ChildProcess> process(const std::string& how) const;

    // What members have done, in the order of the commits.
    std::vector<std::string> effects() const;
    void let_go() const;  // those that hold

    // In which nothing times out under a slow test.
    postgres::ConnectionSettings settings(const std::string& service = "enrichment") const;
    postgres::ConnectionSettings owner() const { return owner_; }

protected:
    // In a database of its own on the shared server, or on a server that a test may do harm to.
    World(const std::string& bus, const std::string& name, const PostgresServer* server);
    virtual void put_on_bus(const std::vector<archive::Event>& events) = 0;

    std::optional<Database> database_;
    postgres::ConnectionSettings owner_;
    Secret services_;
    MemberSettings member_;
};

class JournalWorld final : public World {
public:
    explicit JournalWorld(const PostgresServer* server = nullptr);
    MemberSettings another_consumer() override;
    void append(const Uuid& event_id, const std::string& topic = "raw");

private:
    void put_on_bus(const std::vector<archive::Event>& events) override;

    telemetry::Metrics metrics_;
    journal::Keeper keeper_;
};

class KafkaWorld final : public World {
public:
    explicit KafkaWorld(std::int32_t partitions = 2, const PostgresServer* server = nullptr);
    ~KafkaWorld() override;
    MemberSettings another_consumer() override;
    // Beside that of raw events.
    void add_topic(const std::string& name, std::int32_t partitions = 1);
    // Any record at all.
    void produce(const kafka::Record& record);
    std::string topic() const { return member_.topic_prefix + "raw"; }
    KafkaBroker& broker() { return broker_; }

private:
    void put_on_bus(const std::vector<archive::Event>& events) override;

    KafkaBroker broker_;
    kafka::Producer producer_;
    std::vector<std::string> topics_;
    kafka::Sequence sent_ = 0;
};

// Lets them read in turn until it is so; false after the deadline. What fails is tried again.
bool read_until(std::initializer_list<Member*> members, const std::function<bool()>& condition,
                std::chrono::milliseconds deadline = std::chrono::seconds{40});
// Until as many messages were committed by this one.
bool read_until(Member& member, std::size_t taken);

// The next batch that has anything in it.
consumer::Batch poll_some(Member& member, std::size_t limit = 100);

}  // namespace tollgate::test
