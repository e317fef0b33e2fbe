// The example consumer as its own process: what CONTRIBUTING promises of it.
#include <csignal>

#include <catch2/catch.hpp>

#include "consumer/bus.hpp"
#include "example_consumer/schema.hpp"
#include "running.hpp"
#include "support/http_get.hpp"
#include "support/ports.hpp"

using namespace tollgate;
using namespace tollgate::test;

namespace {

struct Example {
    explicit Example(const World& world, const ChildProcess::Environment& more = {})
        : process{built("test-example-consumer"), {}, environment(world, more)} {}

    ChildProcess::Environment environment(const World& world, const ChildProcess::Environment& more) const {
        const MemberSettings member = world.member();
        ChildProcess::Environment made{{"TOLLGATE_DATABASE_URL", member.database.url.reveal()},
                                       {"TOLLGATE_PROBES_PORT", std::to_string(port)}};
        if (member.bus == "kafka") {
            made["TOLLGATE_KAFKA_BROKERS"] = member.brokers;
            made["TOLLGATE_KAFKA_TOPIC_PREFIX"] = member.topic_prefix;
        }
        made.insert(more.begin(), more.end());
        return made;
    }

    std::uint16_t port = free_port();
    ChildProcess process;
};

void prepare(const World& world) {
    postgres::Connection owner = open(world.owner());
    std::vector<const postgres::Schema*> schemas = consumer_schemas;
    schemas.push_back(&example::schema());
    must(postgres::migrate(owner, schemas, [](const std::string&) {}));
    // Tests run in parallel, and roles are the server's.
    owner.execute_script(
        "do $$ begin grant tollgate_example to tollgate_test_service; "
        "exception when unique_violation then null; end $$");
    if (world.member().bus != "kafka") return;
    postgres::Connection connection = open(world.settings("operator"));
    const tenants::Actor ada{.name = "ada", .role = tenants::Role::operator_};
    must(transact(connection, [&](postgres::Transaction& tx) {
        return consumer::switch_bus(tx, ada, consumer::Bus::kafka, consumer::InTheWay::who_uses_the_bus,
                                    "test");
    }));
}

std::int64_t counted(const World& world) {
    return open(world.owner())
        .execute("select coalesce(sum(events), 0)::bigint from example.count")
        .only()
        .get<std::int64_t>(0);
}

}  // namespace

TEMPLATE_TEST_CASE("the example consumer counts each event once, ends in time, and goes on where it was", "",
                   JournalWorld, KafkaWorld) {
    TestType world;
    prepare(world);
    world.publish(numbered(1, 100));
    {
        Example example{world};
        REQUIRE(comes_true([&] { return counted(world) == 100; }));
        const auto metrics = http_get(example.port, "/metrics").body;
        CHECK_THAT(
            metrics,
            Catch::Contains(R"(tollgate_consumer_messages_total{consumer="example",outcome="done"} 100)"));
        CHECK_THAT(metrics, Catch::Contains(R"(tollgate_consumer_lag_messages{consumer="example"})"));
        example.process.signal(SIGTERM);
        CHECK(example.process.wait() == 0);
    }
    world.publish(numbered(101, 150));
    const Example again{world};
    REQUIRE(comes_true([&] { return counted(world) == 150; }));
    postgres::Connection owner = open(world.owner());
    CHECK(owner.execute("select count(*) from consumer.inbox where consumer = 'example'")
              .only()
              .get<std::int64_t>(0) == 150);
    // It is the role's that was made for it, and nobody else's.
    CHECK(count(world, "consumer.consumer where name = 'example' and role = 'tollgate_example'") == 1);
    CHECK(count(world, "consumer.inbox") == 0);
}

TEST_CASE("a consumer that was made for the other bus does not start, and says what to do") {
    const JournalWorld world;
    prepare(world);
    Example example{world, {{"TOLLGATE_KAFKA_BROKERS", "127.0.0.1:1"}}};
    CHECK(example.process.wait() == 1);
    CHECK_THAT(example.process.err(),
               Catch::Contains("the bus is journal") && Catch::Contains("tollgate bus kafka"));
}
