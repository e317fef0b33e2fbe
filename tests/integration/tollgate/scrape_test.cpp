// What the alerts, the dashboards and the runbooks ask for is told by the product as it runs: by all services
// together, and by `tollgate up` alone.
#include <csignal>

#include <catch2/catch.hpp>

#include "integration/http/certificates.hpp"
#include "shell.hpp"
#include "support/asked_metrics.hpp"
#include "support/http_get.hpp"
#include "support/kafka_broker.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

class Running {
public:
    Running(const std::string& program, const std::vector<std::string>& arguments,
            ChildProcess::Environment environment)
        : process_{built(program), arguments,
                   with(std::move(environment), "TOLLGATE_PROBES_PORT", std::to_string(probes_))} {}
    ~Running() {
        process_.signal(SIGTERM);
        process_.wait();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    bool is_ready() const { return http_get(probes_, "/healthz/ready").status == 200; }
    std::string metrics() const { return http_get(probes_, "/metrics").body; }

private:
    static ChildProcess::Environment with(ChildProcess::Environment environment, const std::string& name,
                                          const std::string& value) {
        environment[name] = value;
        return environment;
    }

    std::uint16_t probes_ = free_port();
    ChildProcess process_;
};

// With Kafka and with a certificate, so that all of it has something to tell.
class Surroundings {
public:
    Surroundings() {
        if (shell_("bus kafka --reason test").code != 0) throw std::runtime_error{"the bus is not changed"};
    }
    // Whoever uses the topics is gone.
    ~Surroundings() {
        for (const char* const name : {"raw", "payment", "enrichment.dlq", "billing.dlq", "delivery.dlq"})
            topics_.push_back(prefix_ + name);
        CHECK(broker_.admin().delete_topics(topics_, 30s).has_value());
    }
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;

    ChildProcess::Environment environment() {
        auto all = up_environment(shell_.database().service("ingress").url);
        const auto files = authority_.issue("server", "IP:127.0.0.1");
        all["TOLLGATE_KAFKA_BROKERS"] = broker_.address();
        all["TOLLGATE_KAFKA_TOPIC_PREFIX"] = prefix_;
        all["TOLLGATE_TLS_CERTIFICATE_FILE"] = files.certificate;
        all["TOLLGATE_TLS_KEY_FILE"] = files.key;
        return all;
    }

private:
    Shell shell_;
    KafkaBroker broker_;
    Authority authority_;
    std::string prefix_ = broker_.topic_name() + ".";
    std::vector<std::string> topics_;
};

using Processes = std::vector<std::unique_ptr<Running>>;

void check_tells_all(const Processes& processes) {
    const auto asked = asked_metrics({"deploy/prometheus", "deploy/grafana", "deploy/runbooks", "README.md"});
    REQUIRE(asked.size() > 100);
    for (const auto& process : processes) REQUIRE(wait_until([&] { return process->is_ready(); }, 60s));
    std::vector<std::string> missing;
    // Some are told once the first look has been taken.
    wait_until(
        [&] {
            std::string told;
            for (const auto& process : processes) told += process->metrics();
            missing = not_told(asked, told);
            return missing.empty();
        },
        30s);
    for (const std::string& each : missing) UNSCOPED_INFO(each);
    CHECK(missing.empty());
}

}  // namespace

TEST_CASE("the services tell what alerts and dashboards and runbooks ask for") {
    Surroundings surroundings;
    Processes processes;
    for (const char* const program : {"tollgate-ingress", "tollgate-relay", "tollgate-enrichment",
                                      "tollgate-billing", "tollgate-delivery"})
        processes.push_back(
            std::make_unique<Running>(program, std::vector<std::string>{}, surroundings.environment()));
    check_tells_all(processes);
}

TEST_CASE("all in one tells what alerts and dashboards and runbooks ask for") {
    Surroundings surroundings;
    Processes processes;
    processes.push_back(
        std::make_unique<Running>("tollgate", std::vector<std::string>{"up"}, surroundings.environment()));
    check_tells_all(processes);
}

TEST_CASE("a metric that nobody tells and a label that it has not got are found") {
    const std::string told = "tollgate_a_total{outcome=\"done\"} 1\ntollgate_ab 2\ntollgate_h_count 3\n";
    const auto missing = [&](const std::string& name,
                             std::vector<std::pair<std::string, std::string>> labels) {
        return not_told({{.name = name, .labels = std::move(labels), .where = "x"}}, told);
    };
    CHECK(missing("tollgate_a_total", {{"outcome", "done"}}).empty());
    CHECK(missing("tollgate_h", {}).empty());
    CHECK(missing("tollgate_a", {}) == std::vector<std::string>{"tollgate_a, of x"});
    CHECK(missing("tollgate_a_total", {{"outcome", "dead"}}) ==
          std::vector<std::string>{"tollgate_a_total{outcome=\"dead\"}, of x"});
}
