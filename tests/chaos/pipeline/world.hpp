// Everything between a provider and the topic, as processes that can be killed and stopped: two of ingress,
// two of the relay, a broker, a Postgres.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <random>
#include <string>

#include "integration/ingress/gateway.hpp"
#include "integration/relay/fixtures.hpp"
#include "integration/relay/own_broker.hpp"
#include "support/postgres_server.hpp"

namespace tollgate::test {

using Chance = std::mt19937_64;

class World {
public:
    World();
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // One fault, and its end. Gives it in words.
    std::string harm(Chance& chance);
    // Until all of it runs and is ready.
    void heal();

    const Secret& secret() const { return secret_; }
    // Where ingress listens; two of it. It changes when one is started again.
    std::uint16_t ingress_port(std::size_t which) const { return ports_.at(which % ports_.size()); }
    Pipeline& pipeline() { return *pipeline_; }

private:
    void start_ingress(std::size_t which);
    void start_relay(std::size_t which);
    void start_missing();
    bool try_to_start_missing();
    std::string kill_ingress(Chance& chance);
    std::string stop_ingress(Chance& chance);
    std::string kill_relay(Chance& chance);
    std::string stop_relay(Chance& chance);
    std::string kill_broker(Chance& chance);
    std::string stop_broker(Chance& chance);
    std::string kill_backend(Chance& chance);
    std::string stop_backend(Chance& chance);
    std::int32_t backend(Chance& chance) const;

    PostgresServer server_;
    OwnBroker broker_;
    std::unique_ptr<Pipeline> pipeline_;
    std::unique_ptr<Office> office_;
    Secret secret_;
    std::array<std::atomic<std::uint16_t>, 2> ports_{};
    std::array<std::unique_ptr<IngressProcess>, 2> ingresses_;
    std::array<std::unique_ptr<RelayProcess>, 2> relays_;
};

}  // namespace tollgate::test
