#include "consumer/bus.hpp"

#include <csignal>

#include <catch2/catch.hpp>

#include "journal/readers.hpp"
#include "postgres/lease.hpp"
#include "shell.hpp"
#include "support/http_get.hpp"
#include "support/kafka_broker.hpp"
#include "support/ports.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using test::ChildProcess;
using test::Ran;

namespace {

void register_reader(const test::Shell& shell, const std::string& name) {
    postgres::Connection connection = test::open(shell.database().service("billing"));
    REQUIRE(journal::register_reader(connection, name));
}

// `tollgate up` with a bus in its configuration.
struct Up {
    Up(const test::Database& database, const std::string& bus, const std::string& brokers = "")
        : process{test::built("tollgate"),
                  {"up", "--probes-port", std::to_string(port), "--bus-use", bus},
                  environment(database, brokers)} {}

    static ChildProcess::Environment environment(const test::Database& database, const std::string& brokers) {
        auto environment = test::up_environment(database.service("ingress").url);
        if (!brokers.empty()) environment["TOLLGATE_KAFKA_BROKERS"] = brokers;
        return environment;
    }

    bool ready() {
        return test::wait_until([&] { return test::http_get(port, "/healthz/ready").status == 200; });
    }

    std::uint16_t port = test::free_port();
    ChildProcess process;
};

}  // namespace

TEST_CASE("the bus is shown, changed with its audit row, and changed back") {
    const test::Shell shell;
    register_reader(shell, "billing");
    test::open(shell.database().service("billing"))
        .execute("select consumer.register_consumer('billing', 'raw', false)");
    const Ran shown = shell("bus");
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, Catch::StartsWith("bus     journal\nsince   2"));
    CHECK(shell("bus show").out == shown.out);
    CHECK_THAT(shell("bus show --json").out, Catch::StartsWith(R"({"bus":"journal","since":"2)"));

    const Ran kafka = shell("bus kafka --reason why");
    CHECK(kafka.code == 0);
    CHECK_THAT(kafka.out, Catch::StartsWith("the bus is kafka\n") && Catch::Contains("retired: billing\n"));
    CHECK_THAT(shell("audit log --all-tenants --json").out,
               Catch::Contains(R"("verb":"bus kafka")") && Catch::Contains("why"));
    const Ran already = shell("bus kafka");
    CHECK(already.code == 0);
    CHECK(already.out == "the bus is kafka already; nothing was changed\n");
    CHECK(shell("bus kafka --json").out ==
          "{\"bus\":\"kafka\",\"changed\":false,\"readers\":[],\"unread\":0}\n");

    const Ran back = shell("bus journal --json");
    CHECK(back.code == 0);
    CHECK(back.out == "{\"bus\":\"journal\",\"changed\":true,\"readers\":[\"billing\"],\"unread\":0}\n");
    CHECK_THAT(shell("bus show --json").out, Catch::Contains(R"("refilling":["billing"])"));
    CHECK_THAT(shell("bus show").out, Catch::Contains("refill  under way for billing"));
}

TEST_CASE("a bus that there is not, a live holder, and who may not are refused, each with its code") {
    test::Shell shell;
    const Ran unknown = shell("bus kafca");
    CHECK(unknown.code == 2);
    CHECK_THAT(unknown.err,
               Catch::Contains("there is no bus \"kafca\"") && Catch::Contains("did you mean kafka"));
    CHECK(shell("bus kafka journal").code == 2);

    const auto viewer = shell.as("vic", "--role viewer");
    CHECK(shell("bus show", viewer).code == 0);
    CHECK(shell("bus kafka", viewer).code == 4);

    {
        const postgres::Lease held{
            shell.database().service("billing"), {.name = "consumer.billing"}, make_uuid_v4()};
        REQUIRE(test::wait_until([&] { return held.epoch().has_value(); }));
        const Ran refused = shell("bus kafka");
        CHECK(refused.code == 1);
        CHECK_THAT(refused.err, Catch::Contains("consumer.billing (process " + held.holder().text()) &&
                                    Catch::StartsWith("tollgate bus kafka: the bus is in use"));
    }
    CHECK(shell("bus kafka").code == 0);
}

TEST_CASE("while a consumer lives that reads from Kafka the bus is not turned away from it") {
    const test::Shell shell;
    test::KafkaBroker broker;
    REQUIRE(shell("bus kafka").code == 0);
    ChildProcess billing{test::built("tollgate-billing"),
                         {"--probes-port", std::to_string(test::free_port())},
                         {{"TOLLGATE_DATABASE_URL", shell.database().service("billing").url.reveal()},
                          {"TOLLGATE_KAFKA_BROKERS", broker.address()},
                          {"TOLLGATE_KAFKA_TOPIC_PREFIX", broker.topic_name() + "."}}};
    REQUIRE(test::wait_until([&] { return shell("consumer list").out.contains("billing"); }));
    // At no moment: it is always connected.
    for (int i = 0; i < 20; ++i) {
        const Ran refused = shell("bus journal");
        CHECK(refused.code == 1);
        CHECK_THAT(refused.err, Catch::Contains("consumers are connected to the database, billing"));
    }
    REQUIRE(billing.running());
    billing.signal(SIGTERM);
    CHECK(billing.wait() == 0);
    CHECK(shell("bus journal").code == 0);
}

TEST_CASE("up that is to use Kafka and is not told where does not start") {
    const test::Shell shell;
    Up up{shell.database(), "kafka"};
    CHECK(up.process.wait() == 1);
    CHECK_THAT(up.process.err(), Catch::Contains("kafka.brokers"));
    CHECK_THAT(shell("bus show --json").out, Catch::StartsWith(R"({"bus":"journal")"));
}

TEST_CASE("up that is to use the journal and has brokers does not start, and turns nothing") {
    const test::Shell shell;
    REQUIRE(shell("bus kafka").code == 0);
    Up up{shell.database(), "journal", "127.0.0.1:1"};
    CHECK(up.process.wait() == 1);
    CHECK_THAT(up.process.err(), Catch::Contains("bus.use is journal, and kafka.brokers is set"));
    CHECK_THAT(shell("bus show --json").out, Catch::StartsWith(R"({"bus":"kafka")"));
}

TEST_CASE("up turns to the bus that it is configured for, when it is alone") {
    const test::Shell shell;
    {
        // There is nobody at this address, and the relay waits for it.
        Up up{shell.database(), "kafka", "127.0.0.1:1"};
        REQUIRE(
            test::wait_until([&] { return shell("bus show --json").out.starts_with(R"({"bus":"kafka")"); }));
        REQUIRE(test::wait_until([&] { return up.process.err().contains("ingress listens"); }));
        CHECK_THAT(shell("audit log --all-tenants --json").out, Catch::Contains(R"("actor":"tollgate up")"));
        // Another one that wants otherwise does not start while this one lives, nor one that could not read
        // what it carries; and one that does not care does.
        Up other{shell.database(), "journal"};
        CHECK(other.process.wait() == 1);
        CHECK_THAT(other.process.err(), Catch::Contains("the bus is in use"));
        Up without_brokers{shell.database(), "unchanged"};
        CHECK(without_brokers.process.wait() == 1);
        CHECK_THAT(without_brokers.process.err(), Catch::Contains("was made for the bus journal"));
        const Up third{shell.database(), "unchanged", "127.0.0.1:1"};
        CHECK(test::wait_until([&] { return third.process.err().contains("ingress listens"); }));
    }
    CHECK_THAT(shell("bus show --json").out, Catch::StartsWith(R"({"bus":"kafka")"));
    // The ones before were killed, and their leases lapse while this one waits.
    Up back{shell.database(), "journal"};
    REQUIRE(back.ready());
    CHECK_THAT(shell("bus show --json").out, Catch::StartsWith(R"({"bus":"journal")"));
}
