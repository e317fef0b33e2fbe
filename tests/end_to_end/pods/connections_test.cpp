// What k8s reckons with: how many connections to Postgres a pod has, which the database has to have room for.
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include <catch2/catch.hpp>

#include "cluster.hpp"
#include "payers.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

// Of k8s/README.md, "What it asks for": | ingress | 384 MiB, 0.25 CPU | 13 | ... |
std::map<std::string, int> reckoned() {
    std::ifstream file{source_file("k8s/README.md")};
    std::map<std::string, int> found;
    const std::regex row{R"(^\| ([a-z, ]+) \| \d+ MiB, [\d.]+ CPU \| (\d+) \|.*)"};
    std::smatch parts;
    for (std::string line; std::getline(file, line);) {
        if (!std::regex_match(line, parts, row)) continue;
        std::istringstream names{parts[1]};
        for (std::string name; std::getline(names >> std::ws, name, ',');) found[name] = std::stoi(parts[2]);
    }
    return found;
}

}  // namespace

TEST_CASE("a pod has no more connections than the database of k8s is made for") {
    Cluster cluster;
    const auto limits = reckoned();
    std::map<std::string, Pod> pods;
    for (const std::string service : {"ingress", "relay", "enrichment", "billing", "delivery"}) {
        const auto pod = pods.emplace(service, cluster.start(service)).first;
        REQUIRE(pod->second.becomes_ready());
    }
    std::map<std::string, std::int64_t> most;
    const auto look = [&] {
        for (const auto& [service, pod] : pods) {
            const auto now = cluster.number(
                fmt::format("select count(*) from pg_stat_activity where datname = current_database() "
                            "and application_name ~ '^tollgate {}'",
                            service));
            most[service] = std::max(most[service], now);
        }
    };
    ChildProcess smoke{
        built("tollgate"),
        {"smoke", "--tenant", "acme", "--to",
         fmt::format("http://127.0.0.1:{}/v1/in/acme/shop", pods.at("ingress").port()), "--within", "60s",
         "--secret-file", cluster.shell.file("secret", std::string{payers_secret})},
        cluster.shell.environment()};
    CHECK(wait_until(
        [&] {
            look();
            return !smoke.running();
        },
        std::chrono::seconds{70}));
    CHECK(smoke.wait() == 0);
    look();
    REQUIRE(most.size() == 5);
    for (const auto& [service, number] : most) {
        INFO(service << " has " << number << " connections");
        REQUIRE(limits.contains(service));
        CHECK(number <= limits.at(service));
        // A table that reckons with many more is as wrong.
        CHECK(number + 3 >= limits.at(service));
    }
}
