// `tollgate up` where brokers are configured.
#include <csignal>

#include <catch2/catch.hpp>

#include "journal/readers.hpp"
#include "kafka/admin.hpp"
#include "shell.hpp"
#include "support/database.hpp"
#include "support/http_get.hpp"
#include "support/kafka_broker.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"
#include "tollgate/schemas.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using test::ChildProcess;

TEST_CASE("up with brokers produces to them and a second one stands by") {
    const test::Database database{all_schemas()};
    test::KafkaBroker broker;
    const std::string prefix = broker.topic_name() + ".";
    const auto start = [&](std::uint16_t probes, const std::string& bus) {
        auto environment = test::up_environment(database.service("relay").url);
        environment["TOLLGATE_KAFKA_BROKERS"] = broker.address();
        environment["TOLLGATE_KAFKA_TOPIC_PREFIX"] = prefix;
        environment["TOLLGATE_BUS_USE"] = bus;
        environment["TOLLGATE_PROBES_PORT"] = std::to_string(probes);
        return std::make_unique<ChildProcess>(test::built("tollgate"), std::vector<std::string>{"up"},
                                              environment);
    };
    {
        const auto refused = start(test::free_port(), "unchanged");
        CHECK(refused->wait() == 1);
        CHECK_THAT(refused->err(), Catch::Contains("the bus is journal"));
    }
    const std::uint16_t port = test::free_port();
    const auto up = start(port, "kafka");
    const auto metrics = [&] { return test::http_get(port, "/metrics").body; };
    REQUIRE(test::wait_until([&] { return metrics().contains("tollgate_relay_producing 1"); }, 60s));
    CHECK(test::wait_until(
        [&] { return test::http_get(port, "/healthz/ready").body.contains(R"("relay":"ok")"); }, 30s));

    postgres::Connection connection = test::open(database.service("relay"));
    const auto readers = journal::list_readers(connection);
    REQUIRE(readers.has_value());
    REQUIRE(readers->size() == 1);
    CHECK(readers->front().name == "relay");

    const std::uint16_t other_port = test::free_port();
    const auto other = start(other_port, "unchanged");
    std::string readiness;
    const bool ready = test::wait_until(
        [&] {
            const auto answer = test::http_get(other_port, "/healthz/ready");
            readiness = answer.body;
            return answer.status == 200 || !other->running();
        },
        60s);
    INFO(readiness << '\n' << other->err());
    REQUIRE(ready);
    REQUIRE(other->running());
    CHECK_THAT(test::http_get(other_port, "/metrics").body, Catch::Contains("tollgate_relay_producing 0"));
    up->signal(SIGTERM);
    CHECK(up->wait() == 0);
    CHECK(test::wait_until(
        [&] { return test::http_get(other_port, "/metrics").body.contains("tollgate_relay_producing 1"); }));
    other->signal(SIGTERM);
    CHECK(other->wait() == 0);
    std::vector<std::string> topics;
    for (const char* const name : {"raw", "payment", "enrichment.dlq", "billing.dlq", "delivery.dlq"})
        topics.push_back(prefix + name);
    CHECK(broker.admin().delete_topics(topics, 30s).has_value());
}
