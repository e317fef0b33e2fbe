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
// With all of them in one.
const std::vector<std::string> programs{"ingress", "relay", "enrichment", "billing", "delivery", "up"};

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
    for (const std::string& service : programs) {
        INFO(service);
        check_ends(Pod{service, without(good, "TOLLGATE_DATABASE_URL")}, "database.url is not set");
        check_ends(Pod{service, with(without(good, "TOLLGATE_DATABASE_URL"), "TOLLGATE_DATABASE_URL_FILE",
                                     "/nowhere")},
                   "TOLLGATE_DATABASE_URL_FILE: cannot read /nowhere");
    }
    for (const std::string service : {"ingress", "delivery", "up"}) {
        INFO(service);
        check_ends(Pod{service, with(good, "TOLLGATE_SEAL_KEYS_FILE", "/nowhere")},
                   "cannot read the key file /nowhere");
    }
    check_ends(Pod{"relay", without(good, "TOLLGATE_KAFKA_BROKERS")}, "kafka.brokers is not set");
    check_ends(Pod{"billing", with(good, "TOLLGATE_KAFKA_BROKERS", "kafka")}, "is not host:port");
}

TEST_CASE("a pod waits for a database that is at no address, and says so by readiness and one line") {
    const Shell keys;
    // Where nobody listens, and a name that nobody has: Kubernetes knows that of a service only once it is
    // there.
    for (const std::string where : {"127.0.0.1:1", "tollgate-db-rw.invalid:5432"}) {
        for (const std::string& service : programs) {
            INFO(service << " at " << where);
            Pod pod{service,
                    {{"TOLLGATE_DATABASE_URL", "postgresql://u@" + where + "/x"},
                     {"TOLLGATE_SEAL_KEYS_FILE", keys.environment().at("TOLLGATE_SEAL_KEYS_FILE")},
                     {"TOLLGATE_KAFKA_BROKERS", "127.0.0.1:1"}}};
            check_waits(pod, "waiting for the database");
            pod.end(20s);
        }
    }
}

TEST_CASE("a pod ends with one line at a server that does not know its login or its database") {
    const Cluster cluster;
    const std::string url = cluster.settings().at("TOLLGATE_DATABASE_URL");
    const std::string place = url.substr(url.find('@'));
    const auto as = [&](const std::string& changed) {
        return with(cluster.settings(), "TOLLGATE_DATABASE_URL", changed);
    };
    for (const std::string& service : services) {
        INFO(service);
        check_ends(Pod{service, as("postgresql://tollgate_nobody" + place)}, "tollgate_nobody");
        check_ends(Pod{service, as(url_for("tollgate_nowhere", "").reveal())}, "tollgate_nowhere");
    }
}

TEST_CASE("a pod ends with one line at a database that is older than it, or two releases ahead") {
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
    // As a database of the release before has it: what came last is missing.
    owner.execute_script(
        "create table kept as select * from tollgate.migration where schema_name = 'consumer' and number = "
        "(select max(number) from tollgate.migration where schema_name = 'consumer'); "
        "delete from tollgate.migration using kept where migration.schema_name = kept.schema_name and "
        "migration.number = kept.number");
    for (const std::string& service : services) {
        INFO(service);
        check_ends(Pod{service, cluster.settings()}, "the database is older than this program");
    }
    owner.execute_script("insert into tollgate.migration select * from kept; drop table kept");
    owner.execute_script(
        "insert into tollgate.migration (schema_name, number, name, release, checksum) values ('tollgate', "
        "999, '999_x', 9, '')");
    for (const std::string& service : services) {
        INFO(service);
        check_ends(Pod{service, cluster.settings()}, "the database is of release 9");
    }
}

// Which is what a rollout is: the tables are those of the next release before the programs are.
TEST_CASE("a pod works on a database that is one release ahead of it") {
    const Cluster cluster;
    open(cluster.shell.database().owner())
        .execute_script(
            "insert into tollgate.migration (schema_name, number, name, release, checksum) select "
            "'tollgate', 999, '999_x', max(release) + 1, '' from tollgate.migration");
    std::vector<std::unique_ptr<Pod>> pods;
    for (const std::string& service : services)
        pods.push_back(std::make_unique<Pod>(service, cluster.settings()));
    for (const auto& pod : pods) {
        INFO(pod->state());
        CHECK(pod->becomes_ready());
    }
    for (const auto& pod : pods) pod->end(30s);
}

TEST_CASE("the jobs end with one line at what is wrong, and with a code that says whether to come again") {
    const Cluster cluster;
    const auto migrate = [&](const std::string& url) {
        return cluster.shell("migrate --grant-to nobody --bus kafka", {{"TOLLGATE_DATABASE_URL", url}});
    };
    const Ran away = migrate("postgresql://u@127.0.0.1:1/x");
    CHECK(away.code == 5);
    CHECK_THAT(away.err, Contains("cannot connect to Postgres at 127.0.0.1:1"));
    CHECK(std::ranges::count(away.err, '\n') == 1);

    // An empty value is none at all to the shell of the tests.
    const Ran unread =
        cluster.shell("migrate", {{"TOLLGATE_DATABASE_URL", ""}, {"TOLLGATE_DATABASE_URL_FILE", "/nowhere"}});
    CHECK(unread.code == 2);
    CHECK_THAT(unread.err, Contains("TOLLGATE_DATABASE_URL_FILE: cannot read /nowhere"));
    CHECK(std::ranges::count(unread.err, '\n') == 1);

    const Ran unknown = cluster.shell(
        "smoke --tenant acme --to http://127.0.0.1:1/v1/in/acme/shop --within 1s --secret-file /nowhere");
    CHECK(unknown.code != 0);
    CHECK_THAT(unknown.err, Contains("/nowhere"));
    CHECK(std::ranges::count(unknown.err, '\n') == 1);
}

TEST_CASE("a pod waits for brokers that refuse it, and says so by readiness and one line") {
    const Cluster cluster;
    const auto at = with(cluster.settings(), "TOLLGATE_KAFKA_BROKERS", "127.0.0.1:1");
    Pod relay{"relay", at};
    CHECK(relay.says("127.0.0.1:1"));
    CHECK(relay.live() == 200);
    CHECK(relay.ready() == 503);
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
        CHECK(pod.ready() == 503);
        CHECK(pod.process().running());
        pod.end(30s);
    }
}

// Brokers that answer are not enough: a rollout must not go on with members that read nothing.
TEST_CASE("a consumer is not ready before its group has told it what to read") {
    const Cluster cluster;
    std::vector<std::unique_ptr<Pod>> pods;
    // Nobody has made the topics yet.
    for (const std::string service : {"enrichment", "billing", "delivery"})
        pods.push_back(std::make_unique<Pod>(service, cluster.settings()));
    for (const auto& pod : pods) {
        CHECK(pod->says("its group has not told it yet which partitions are its own"));
        CHECK(pod->live() == 200);
        CHECK(pod->ready() == 503);
    }
    Pod relay = cluster.start("relay");
    for (const auto& pod : pods) {
        INFO(pod->state());
        CHECK(pod->becomes_ready());
    }
    for (const auto& pod : pods) pod->end(30s);
    relay.end(30s);
}

TEST_CASE("an ingress is alive while each thread is that takes requests in") {
    const Cluster cluster;
    const Pod ingress = cluster.start("ingress");
    REQUIRE(ingress.becomes_ready());
    CHECK(ingress.live() == 200);
    CHECK_THAT(ingress.liveness(), Contains(R"("listener 1":"ok")") && Contains(R"("listener 2":"ok")"));
}

TEST_CASE("an ingress whose journal is full is not ready, and tells it by its metric too") {
    const Cluster cluster;
    Pod ingress{"ingress", with(cluster.settings(), "TOLLGATE_JOURNAL_BYTES_MAX", "1B")};
    check_waits(ingress, "the journal is full");
    CHECK_THAT(ingress.metrics(), Contains("tollgate_ingress_ready 0\n"));
    const Pod well = cluster.start("ingress");
    REQUIRE(well.becomes_ready());
    CHECK_THAT(well.metrics(), Contains("tollgate_ingress_ready 1\n"));
}
