// "Nothing vanishes": accepted = stored = published = settled, by the counts of the processes themselves,
// whatever is killed.
#include <csignal>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "integration/ingress/gateway.hpp"
#include "integration/tollgate/letters.hpp"
#include "support/http_get.hpp"
#include "support/kafka_broker.hpp"
#include "support/ports.hpp"
#include "support/service_process.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace tollgate::test;
using namespace std::chrono_literals;

namespace {

// What an audit of all that should be done by now finds.
struct Audited {
    int code = 0;
    std::vector<std::string> kinds;  // of exceptions
    std::map<std::string, std::int64_t> sums;
    std::string text;
};

class Product {
public:
    // Before anything is accepted, so that all that will be published is counted.
    Product() {
        postgres::Connection owner = open(shell.database().owner());
        REQUIRE(shell("bus kafka --reason test").code == 0);
        owner.execute_script(
            "set tollgate.tenant = '*'; begin; update consumer.bus set since = now() - interval '2 hours';"
            "insert into tenants.audit (actor, verb) values ('test', 'bus kafka'); commit");
    }
    ~Product() {
        consumers.clear();
        relay.reset();
        std::vector<std::string> topics;
        for (const char* const name : {"raw", "payment", "enrichment.dlq", "billing.dlq", "delivery.dlq"})
            topics.push_back(prefix + name);
        CHECK(broker.admin().delete_topics(topics, 30s).has_value());
    }
    Product(const Product&) = delete;
    Product& operator=(const Product&) = delete;

    ChildProcess::Environment environment(bool with_kafka) const {
        ChildProcess::Environment all{
            {"TOLLGATE_DATABASE_URL", shell.database().service("ingress").url.reveal()},
            {"TOLLGATE_SEAL_KEYS_FILE", gateway.office.keys_file()}};
        if (!with_kafka) return all;
        all["TOLLGATE_KAFKA_BROKERS"] = broker.address();
        all["TOLLGATE_KAFKA_TOPIC_PREFIX"] = prefix;
        return all;
    }

    void start_relay() {
        relay = std::make_unique<ServiceProcess>("tollgate-relay", environment(true));
        // It has counted nothing yet, and so counts all of this hour.
        postgres::Connection owner = open(shell.database().owner());
        REQUIRE(wait_until([&] { return owner.execute("select from journal.publishing").size() == 1; }));
        owner.execute("update journal.publishing set since = least(since, now() - interval '2 hours')");
    }
    void start_consumers(bool with_kafka) {
        for (const std::string name : {"tollgate-enrichment", "tollgate-billing"})
            consumers.push_back(std::make_unique<ServiceProcess>(name, environment(with_kafka)));
    }

    void send(int number, const IngressProcess& to) {
        for (int i = 0; i < number; ++i) {
            REQUIRE(to.send(gateway.webhook("invoice.paid", ++sent)).status == 200);
        }
    }

    Audited audit() const {
        const Ran ran = shell("audit --json --audit-patience 1ms");
        Audited found{.code = ran.code, .text = ran.out + ran.err};
        std::istringstream lines{ran.out};
        for (std::string line; std::getline(lines, line);) {
            const auto value = boost::json::parse(line);
            if (value.at("kind") == "exception") found.kinds.emplace_back(value.at("exception").as_string());
            if (value.at("kind") != "hour") continue;
            for (const std::string name : {"accepted", "stored", "published", "payments_published"}) {
                if (!value.at(name).is_null()) found.sums[name] += value.at(name).as_int64();
            }
            for (const auto& consumer : value.at("consumers").as_array())
                found.sums[std::string{consumer.at("consumer").as_string()}] +=
                    consumer.at("settled").as_int64();
        }
        return found;
    }
    // Waits until it has no exception but those.
    Audited audit_until(const std::function<bool(const Audited&)>& is_so) const {
        Audited found;
        wait_until(
            [&] {
                found = audit();
                return is_so(found);
            },
            90s);
        return found;
    }

    const Shell shell;
    KafkaBroker broker;
    const std::string prefix = broker.topic_name() + ".";
    Gateway gateway{shell.database().owner(), shell.database().service("ingress").url};
    std::unique_ptr<ServiceProcess> relay;
    std::vector<std::unique_ptr<ServiceProcess>> consumers;
    int sent = 0;
};

bool in_order(const Audited& found) {
    return found.code == 0;
}

}  // namespace

TEST_CASE("nothing vanishes: the books of all processes balance, whatever is killed") {
    Product product;
    const auto clean_with = [&](int events) {
        const Audited found = product.audit_until(
            [&](const Audited& each) { return in_order(each) && each.sums.at("stored") == events; });
        INFO(found.text);
        CHECK(found.code == 0);
        for (const std::string name : {"accepted", "stored", "enrichment", "billing"})
            CHECK(found.sums.at(name) == events);
        return found;
    };
    const IngressProcess& first = product.gateway.ingress;

    // Over Kafka, whose topics the relay makes; it is killed with work before it.
    product.start_relay();
    product.start_consumers(true);
    product.send(20, first);
    product.relay->end(SIGKILL);
    product.send(20, first);
    CHECK(product.audit_until([](const Audited& found) { return !found.kinds.empty(); }).code == 1);
    product.start_relay();
    const Audited over_kafka = clean_with(40);
    CHECK(over_kafka.sums.at("published") == 40);
    CHECK(over_kafka.sums.at("payments_published") == 40);

    // With events on Kafka that nobody has read yet, back to the journal: they are refilled.
    product.consumers.clear();
    product.send(10, first);
    product.relay->end(SIGTERM);
    REQUIRE(product.shell("bus journal --reason test").code == 0);
    product.start_consumers(false);
    product.send(10, first);
    clean_with(60);

    // All of it is done over, by the one and then by the other.
    for (const std::string consumer : {"enrichment", "billing"}) {
        const Ran redone = product.shell("redo --consumer " + consumer +
                                         " --all-tenants --since 2020-01-01T00:00:00Z --execute --reason x");
        INFO(redone.err);
        CHECK_THAT(redone.out, Catch::StartsWith("60 messages will be done over by " + consumer));
        clean_with(60);
    }

    // What a killed process answered last may be in no count. That is said, and all else is in order still.
    product.send(5, first);
    product.gateway.ingress.process().signal(SIGKILL);
    product.gateway.ingress.process().wait();
    const IngressProcess second{product.shell.database().service("ingress").url,
                                product.gateway.office.keys_file()};
    product.send(5, second);
    const Audited after = product.audit_until([](const Audited& found) {
        return !found.kinds.empty() &&
               std::ranges::all_of(found.kinds, [](const auto& kind) { return kind == "gap"; });
    });
    INFO(after.text);
    CHECK(after.code == 1);
    CHECK(after.kinds.size() <= 2);
    CHECK_THAT(after.text, Catch::Contains("was killed or cut off"));
    CHECK(after.sums.at("stored") == 70);
    CHECK(after.sums.at("accepted") >= 65);
    for (const std::string consumer : {"enrichment", "billing"}) CHECK(after.sums.at(consumer) == 70);
}
