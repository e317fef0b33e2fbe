// What the relay lives by goes away and comes back.
#include <csignal>

#include <catch2/catch.hpp>

#include "fixtures.hpp"
#include "own_broker.hpp"
#include "support/http_get.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using test::Load;
using test::OwnBroker;
using test::Pipeline;
using test::PostgresServer;
using test::RelayProcess;
using test::TopicReader;

namespace {

void check_complete(TopicReader& reader, Load& load) {
    const auto committed = load.stop();
    REQUIRE(reader.read_until(test::count(committed)));
    CHECK(reader.first_occurrences() == committed);
}

bool committed_more(const Load& load, std::size_t more) {
    const std::size_t before = load.committed();
    return test::wait_until([&] { return load.committed() >= before + more; }, 60s);
}

bool produced_more(const RelayProcess& relay, double more) {
    const double before = relay.metric("records_produced_total");
    return test::wait_until([&] { return relay.metric("records_produced_total") >= before + more; }, 60s);
}

}  // namespace

TEST_CASE("the relay goes on after its backends were ended and its server was restarted") {
    PostgresServer server;
    Pipeline pipeline{server};
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    TopicReader reader{pipeline, "raw"};
    Load load{pipeline};
    REQUIRE(produced_more(relay, 200));
    for (int i = 0; i < 3; ++i) {
        server.administer(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'tollgate "
            "relay%'");
        REQUIRE(produced_more(relay, 200));
    }
    server.stop();
    server.start();
    REQUIRE(produced_more(relay, 200));
    server.signal(SIGQUIT);
    server.stop();
    server.start();
    REQUIRE(produced_more(relay, 200));
    check_complete(reader, load);
    REQUIRE(relay.becomes_ready());
}

TEST_CASE("the relay goes on after a backend stopped answering") {
    PostgresServer server;
    Pipeline pipeline{server};
    RelayProcess relay{pipeline, {{"TOLLGATE_DATABASE_STATEMENT_TIMEOUT", "2s"}}};
    REQUIRE(relay.becomes_ready());
    TopicReader reader{pipeline, "raw"};
    Load load{pipeline};
    REQUIRE(produced_more(relay, 200));
    postgres::Connection owner = pipeline.owner();
    const auto backend =
        owner.execute("select pid from pg_stat_activity where application_name = 'tollgate relay reader'")
            .only()
            .get<std::int32_t>(0);
    // As a line is on which nobody answers any more.
    kill(backend, SIGSTOP);
    const bool went_on = produced_more(relay, 400);
    kill(backend, SIGCONT);
    REQUIRE(went_on);
    check_complete(reader, load);
}

TEST_CASE("a backlog drains in order after the broker was stopped and restarted and away") {
    OwnBroker broker;
    Pipeline pipeline{broker.address()};
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    TopicReader reader{pipeline, "raw"};
    Load load{pipeline};
    REQUIRE(produced_more(relay, 200));

    broker.signal(SIGSTOP);
    REQUIRE(committed_more(load, 1000));
    broker.signal(SIGCONT);
    REQUIRE(produced_more(relay, 1000));

    broker.stop();
    REQUIRE(test::wait_until([&] { return test::http_get(relay.probes(), "/healthz/ready").status == 503; },
                             30s));
    CHECK(test::http_get(relay.probes(), "/healthz/live").status == 200);
    REQUIRE(committed_more(load, 1000));
    broker.start();
    REQUIRE(produced_more(relay, 1000));

    broker.signal(SIGKILL);
    REQUIRE(committed_more(load, 1000));
    broker.start();
    REQUIRE(produced_more(relay, 1000));
    check_complete(reader, load);
    REQUIRE(relay.becomes_ready());
}

TEST_CASE("a missing topic is waited for and condemns nothing") {
    Pipeline pipeline;
    RelayProcess relay{pipeline};
    REQUIRE(relay.becomes_ready());
    const std::vector<std::string> raw{pipeline.topic("raw")};
    REQUIRE(pipeline.admin().delete_topics(raw, 30s));
    pipeline.put({test::event("key", "waits")});
    REQUIRE(test::wait_until([&] { return relay.metric("producing_blocked") == 1; }, 60s));
    const kafka::TopicToCreate wanted{.name = raw.front(), .partitions = 12};
    REQUIRE(pipeline.admin().create_topics({&wanted, 1}, 30s));
    TopicReader reader{pipeline, "raw"};
    REQUIRE(reader.read_until(1));
    CHECK(relay.metric("records_refused_total") == 0);
}
