// What a pod does about what it is given wrong: it ends with one line where no waiting helps, and waits,
// alive and not ready, where it does.
#include <algorithm>

#include <catch2/catch.hpp>

#include "cluster.hpp"
#include "postgres/connection.hpp"
#include "support/postgres_server.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"
#include "tollgate/schemas.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

const std::vector<std::string> services{"ingress", "relay", "enrichment", "billing", "delivery"};

ChildProcess::Environment with(ChildProcess::Environment settings, const std::string& name,
                               const std::string& value) {
    settings[name] = value;
    return settings;
}

ChildProcess::Environment without(ChildProcess::Environment settings, const std::string& name) {
    settings.erase(name);
    return settings;
}

// Lines that tell of something wrong, of all that it has written.
std::vector<std::string> complaints(const std::string& err) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < err.size();) {
        const std::size_t end = std::min(err.find('\n', at), err.size());
        std::string line = err.substr(at, end - at);
        if (!line.contains(R"("level":"info")")) lines.push_back(std::move(line));
        at = end + 1;
    }
    return lines;
}

// It is over with that code, and one line says why.
void check_ends(Pod pod, const std::string& because) {
    INFO(because);
    CHECK(pod.process().wait() != 0);
    const auto told = complaints(pod.process().err());
    REQUIRE(told.size() == 1);
    CHECK_THAT(told.front(), Contains(because));
}

// It lives, tells by readiness what it waits for, has said it once, and ends well when it is told to.
void check_waits(Pod& pod, const std::string& because) {
    INFO(because);
    CHECK(pod.says(because));
    CHECK(pod.live() == 200);
    CHECK(pod.ready() == 503);
    // What it writes comes to us a moment later.
    const auto times_told = [&] {
        return std::ranges::count_if(complaints(pod.process().err()),
                                     [&](const auto& line) { return line.contains(because); });
    };
    CHECK(wait_until([&] { return times_told() >= 1; }));
    CHECK(times_told() == 1);
    CHECK(pod.process().running());
}

}  // namespace

TEST_CASE("a pod without a secret that it needs ends with one line that names it") {
    const ChildProcess::Environment good{{"TOLLGATE_DATABASE_URL", "postgresql://u@127.0.0.1:1/x"},
                                         {"TOLLGATE_SEAL_KEYS_FILE", "/dev/null"},
                                         {"TOLLGATE_KAFKA_BROKERS", "127.0.0.1:1"}};
    for (const std::string& service : services) {
        INFO(service);
        check_ends(Pod{service, without(good, "TOLLGATE_DATABASE_URL")}, "database.url is not set");
        check_ends(Pod{service, with(without(good, "TOLLGATE_DATABASE_URL"), "TOLLGATE_DATABASE_URL_FILE",
                                     "/nowhere")},
                   "TOLLGATE_DATABASE_URL_FILE: cannot read /nowhere");
    }
    for (const std::string service : {"ingress", "delivery"}) {
        INFO(service);
        check_ends(Pod{service, with(good, "TOLLGATE_SEAL_KEYS_FILE", "/nowhere")},
                   "cannot read the key file /nowhere");
    }
    check_ends(Pod{"relay", without(good, "TOLLGATE_KAFKA_BROKERS")}, "kafka.brokers is not set");
    check_ends(Pod{"billing", with(good, "TOLLGATE_KAFKA_BROKERS", "kafka")}, "is not host:port");
}

TEST_CASE("a pod waits for a database that is at no address, and says so by readiness and one line") {
    for (const std::string& service : services) {
        INFO(service);
        const Shell keys;
        Pod pod{service,
                {{"TOLLGATE_DATABASE_URL", "postgresql://u@127.0.0.1:1/x"},
                 {"TOLLGATE_SEAL_KEYS_FILE", keys.environment().at("TOLLGATE_SEAL_KEYS_FILE")},
                 {"TOLLGATE_KAFKA_BROKERS", "127.0.0.1:1"}}};
        check_waits(pod, "waiting for the database");
        pod.end(20s);
    }
}

TEST_CASE("a pod ends with one line at a database that is not migrated, or is two releases ahead") {
    const Cluster cluster;
    const test::Database empty;
    const auto at = [&](const Secret& url) {
        return with(cluster.settings(), "TOLLGATE_DATABASE_URL", url.reveal());
    };
    for (const std::string& service : services) {
        INFO(service);
        check_ends(Pod{service, at(empty.owner().url)}, "tollgate migrate");
    }
    postgres::Connection owner = open(cluster.shell.database().owner());
    owner.execute_script(
        "insert into tollgate.migration (schema_name, number, name, release, checksum) values ('tollgate', "
        "999, "
        "'999_x', 9, '')");
    for (const std::string& service : services) {
        INFO(service);
        check_ends(Pod{service, cluster.settings()}, "the database is of release 9");
    }
}

TEST_CASE("a pod waits for brokers that refuse it, and says so by readiness and one line") {
    const Cluster cluster;
    const auto at = with(cluster.settings(), "TOLLGATE_KAFKA_BROKERS", "127.0.0.1:1");
    Pod relay{"relay", at};
    CHECK(relay.says("127.0.0.1:1"));
    CHECK(relay.live() == 200);
    for (const std::string service : {"enrichment", "billing", "delivery"}) {
        INFO(service);
        Pod pod{service, at};
        CHECK(pod.says("\"" + service + " brokers\":\"unavailable: Kafka at 127.0.0.1:1"));
        CHECK(pod.live() == 200);
        CHECK(pod.ready() == 503);
        const auto told = complaints(pod.process().err());
        CHECK(std::ranges::count_if(
                  told, [](const auto& line) { return line.contains(R"("msg":"not ready")"); }) == 1);
        pod.end(30s);
    }
    relay.end(30s);
}

TEST_CASE("a pod that brokers do not know waits until they do") {
    const Cluster cluster;
    auto unknown = cluster.settings();
    unknown.merge(ChildProcess::Environment{{"TOLLGATE_KAFKA_SECURITY_PROTOCOL", "sasl_plaintext"},
                                            {"TOLLGATE_KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"},
                                            {"TOLLGATE_KAFKA_SASL_USERNAME", "nobody"},
                                            {"TOLLGATE_KAFKA_SASL_PASSWORD", "nothing"}});
    for (const std::string service : {"relay", "billing"}) {
        INFO(service);
        Pod pod{service, unknown};
        CHECK(pod.says("unavailable: Kafka at"));
        CHECK(pod.live() == 200);
        CHECK(pod.process().running());
        pod.end(30s);
    }
}
