// What the relay stands between: a journal that events are put into as ingress does, and the topics of a
// broker.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "archive/events.hpp"
#include "consumer/bus.hpp"
#include "journal/announcer.hpp"
#include "journal/readers.hpp"
#include "kafka/admin.hpp"
#include "kafka/consumer_group.hpp"
#include "support/child_process.hpp"
#include "support/database.hpp"
#include "support/ports.hpp"
#include "support/postgres_server.hpp"

namespace tollgate::test {

extern const std::vector<const postgres::Schema*> relay_schemas;
extern const Uuid shop_tenant;

// The value, or the test fails with the error's words.
template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Of one key, with such a body.
archive::Event event(const std::string& key, const std::string& body);

// The address of the broker that all tests share.
std::string shared_broker();

class Pipeline {
public:
    // In a database of its own on the shared server, and topics of its own on this broker.
    explicit Pipeline(std::string broker = shared_broker(), postgres::Schemas schemas = relay_schemas);
    // On a test's own server.
    explicit Pipeline(const PostgresServer& server, postgres::Schemas schemas = relay_schemas,
                      std::string broker = shared_broker());
    ~Pipeline();
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    // In one transaction: events, then entries for them.
    Result<void> try_put(const std::vector<archive::Event>& events);
    void put(const std::vector<archive::Event>& events) { must(try_put(events)); }
    // The bus is Kafka until it is turned back.
    void turn_to(consumer::Bus bus) const;
    // An entry alone.
    void append(const std::string& topic, const Uuid& event_id);

    std::string topic(const std::string& name) const { return prefix_ + name; }
    const std::string& broker() const { return broker_; }
    kafka::Admin& admin() { return admin_; }
    postgres::ConnectionSettings settings(const std::string& role) const;
    postgres::Connection owner() const { return open(owner_); }
    // Of the relay.
    journal::ReaderState reader() const;

    // For a process that is to be its relay.
    ChildProcess::Environment environment() const;

private:
    Pipeline(std::unique_ptr<Database> database, std::string broker);
    Pipeline(postgres::ConnectionSettings owner, Secret service, std::string broker);

    std::unique_ptr<Database> database_;
    postgres::ConnectionSettings owner_;
    Secret service_;
    std::string broker_;
    std::string prefix_;
    kafka::Admin admin_;
    std::optional<postgres::Connection> connection_;
    journal::Announcer announcer_;
};

class RelayProcess {
public:
    explicit RelayProcess(const Pipeline& pipeline, ChildProcess::Environment more = {});

    bool becomes_ready() const;
    bool is_producing() const { return metric("producing") == 1; }
    // As it tells them: tollgate_relay_<name>. Nothing (-1) while it does not answer.
    double metric(const std::string& name) const;
    ChildProcess& process() { return process_; }
    std::string log() const { return process_.err(); }
    std::uint16_t probes() const { return probes_; }

private:
    std::uint16_t probes_ = free_port();
    ChildProcess process_;
};

struct Seen {
    kafka::TopicPartition partition;
    std::string key;
    std::string value;
    std::map<std::string, std::string> headers;
};

// All that comes onto a topic, from its beginning.
class TopicReader final : public kafka::AssignmentListener {
public:
    TopicReader(const Pipeline& pipeline, const std::string& topic);

    // Until so many different events were seen; false if they do not come in time.
    bool read_until(std::size_t events, std::chrono::milliseconds deadline = std::chrono::seconds{60});
    // What else comes in that time.
    void read_on(std::chrono::milliseconds time);

    const std::vector<Seen>& seen() const { return seen_; }
    std::size_t events() const { return ids_.size(); }
    // By key: the values in the order of their first occurrences.
    std::map<std::string, std::vector<std::string>> first_occurrences() const;

    Result<std::vector<kafka::Offset>> on_assigned(
        std::span<const kafka::TopicPartition> partitions) override {
        return std::vector<kafka::Offset>(partitions.size(), kafka::from_the_earliest);
    }
    void on_revoked(std::span<const kafka::TopicPartition>) override {}
    void on_lost(std::span<const kafka::TopicPartition>) override {}

private:
    void poll();

    std::vector<Seen> seen_;
    std::set<std::string> ids_;
    std::unique_ptr<kafka::ConsumerGroup> group_;  // last: it still calls us while it goes
};

// Puts events of several keys as long as it lives. A key's next one comes after its last was committed.
class Load {
public:
    explicit Load(Pipeline& pipeline);

    // Ends it. What was committed, by key and in order.
    std::map<std::string, std::vector<std::string>> stop();
    std::size_t committed() const { return committed_; }

private:
    void run(const std::stop_token& stop);

    Pipeline& pipeline_;
    std::map<std::string, std::vector<std::string>> bodies_;
    std::atomic<std::size_t> committed_ = 0;
    std::jthread thread_;
};

// How many events there are in these lists.
std::size_t count(const std::map<std::string, std::vector<std::string>>& by_key);

}  // namespace tollgate::test
