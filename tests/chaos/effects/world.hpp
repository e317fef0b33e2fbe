// Events that are put into a database while its bus is the journal or Kafka, and a consumer's processes that
// write an effect for each of them.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "integration/relay/fixtures.hpp"
#include "journal/keeper.hpp"

namespace tollgate::test {

using Chance = std::mt19937_64;

class World {
public:
    // On a broker of its own if any: a group there misses its members sooner.
    explicit World(consumer::Bus bus, std::string broker = shared_broker());
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    consumer::Bus bus() const { return bus_; }
    // Nobody may be at work for the consumer; waits for the leases of those who were.
    void turn_to(consumer::Bus bus);

    // From any thread. Every few of them ask for failures that pass, so that there are rows of work.
    void publish(std::size_t events);
    std::vector<Uuid> published() const;
    // Another entry of an event that has one.
    void append_again(const Uuid& id) { pipeline_.append("raw", id); }

    // How often a member took an event that had come before: dropped, or tried again after a kill.
    std::int64_t repeats() const;

    // A process of the consumer. More words: see test-trial-consumer.
    std::unique_ptr<ChildProcess> start_member(const std::vector<std::string>& more = {}) const;

    // kill -9, and another.
    void replace_relay();
    // What only passes with time has passed: leases of the consumer, and claims of rows that are due.
    void let_lapse() const;
    // Everything that is on Kafka comes again.
    void set_positions_back() const;
    // As a server does that is told to end sessions.
    void cut_sessions() const;

    // As the consumer's role, which sees all tenants.
    postgres::Connection connection() const { return open(pipeline_.settings("enrichment")); }
    postgres::Connection owner() const { return pipeline_.owner(); }
    const Pipeline& pipeline() const { return pipeline_; }
    std::int64_t count(const std::string& of) const;  // rows of a table, or of "table where ..."

private:
    Pipeline pipeline_;
    telemetry::Metrics metrics_;
    // Of the journal, whichever bus it is.
    journal::Keeper keeper_;
    consumer::Bus bus_ = consumer::Bus::kafka;
    std::unique_ptr<RelayProcess> relay_;
    mutable std::mutex mutex_;
    std::vector<Uuid> published_;
};

inline const std::string consumer_name = "enrichment";

}  // namespace tollgate::test
