// `tollgate up` from a webhook to the ledger, in one process: on Postgres alone, by way of Kafka, and turned
// from one to the other in the middle of it.
#include <csignal>

#include <catch2/catch.hpp>

#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "shell.hpp"
#include "support/http_get.hpp"
#include "support/kafka_broker.hpp"
#include "support/ports.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using test::ChildProcess;

namespace {

const std::string secret = "whsec_0123456789abcdef0123456789abcdef";

struct Shop {
    Shop() {
        REQUIRE(shell("tenant create acme --name Acme").code == 0);
        REQUIRE(shell
                    .with_input(secret,
                                "source create --tenant acme --provider stripe --slug shop --secret-file -")
                    .code == 0);
    }

    std::unique_ptr<ChildProcess> up(const ChildProcess::Environment& more = {}) {
        ChildProcess::Environment environment = more;
        environment.merge(ChildProcess::Environment{
            {"TOLLGATE_DATABASE_URL", shell.database().service("ingress").url.reveal()},
            {"TOLLGATE_SEAL_KEYS_FILE", shell.environment().at("TOLLGATE_SEAL_KEYS_FILE")},
            {"TOLLGATE_HTTP_PORT", std::to_string(port)},
            {"TOLLGATE_PROBES_PORT", std::to_string(probes)}});
        auto process = std::make_unique<ChildProcess>(test::built("tollgate"), std::vector<std::string>{"up"},
                                                      environment);
        REQUIRE(
            test::wait_until([&] { return test::http_get(probes, "/healthz/ready").status == 200; }, 60s));
        return process;
    }

    // One payment of 10 euros each.
    void send(int first, int last) const {
        for (int number = first; number <= last; ++number) {
            const std::string body = fmt::format(
                R"({{"id":"evt_{0}","object":"event","type":"charge.succeeded","created":1790000000,"livemode":true,)"
                R"("data":{{"object":{{"id":"ch_{0}","object":"charge","amount":1000,"currency":"eur","paid":true,)"
                R"("status":"succeeded","payment_intent":"pi_{0}"}}}}}})",
                number);
            const auto at = std::to_string(
                std::chrono::duration_cast<std::chrono::seconds>(SystemClock{}.now().time_since_epoch())
                    .count());
            const auto key = crypto::HmacKey::make(crypto::HmacHash::sha256, Secret{secret}).value();
            test::RawConnection connection{port};
            connection.send(fmt::format(
                "POST /v1/in/acme/shop HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                "Stripe-Signature: t={},v1={}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                at, crypto::hex_encode(key.sign({at, ".", body})), body.size(), body));
            REQUIRE_THAT(connection.read_message(), Catch::StartsWith("HTTP/1.1 200"));
        }
    }

    std::int64_t number(const std::string& sql) const {
        postgres::Connection owner = test::open(shell.database().owner());
        owner.execute("select set_config('tollgate.tenant', '*', false)");
        return owner.execute(sql).only().get<std::int64_t>(0);
    }

    // So many payments, each once in the ledger, and nothing left over.
    void check_booked(int payments) const {
        REQUIRE(test::wait_until(
            [&] {
                return number("select count(*) from consumer.inbox where consumer = 'billing'") == payments;
            },
            60s));
        CHECK(number("select count(*) from billing.payment where status = 'succeeded'") == payments);
        CHECK(number("select sum(amount_minor)::bigint from billing.entry where booking = 'capture'") ==
              payments * 1000);
        CHECK(number("select count(*) from consumer.work") == 0);
    }

    const test::Shell shell;
    const std::uint16_t port = test::free_port();
    const std::uint16_t probes = test::free_port();
};

void stop(ChildProcess& up) {
    up.signal(SIGTERM);
    REQUIRE(up.wait(30s) == 0);
}

}  // namespace

TEST_CASE("up alone on Postgres books what comes in, and goes on where it was") {
    Shop shop;
    {
        const auto up = shop.up();
        shop.send(1, 3);
        shop.check_booked(3);
        CHECK_THAT(
            test::http_get(shop.probes, "/metrics").body,
            Catch::Contains(R"(tollgate_up_consumer_messages_total{consumer="billing",outcome="done"} 3)"));
        shop.send(4, 6);
        stop(*up);
    }
    const auto up = shop.up();
    shop.check_booked(6);
    CHECK_THAT(shop.shell("ledger check --tenant acme").out, Catch::Contains("60.00 EUR"));
    stop(*up);
}

TEST_CASE("up is turned to Kafka and back with events on their way, and none is lost or booked twice") {
    Shop shop;
    test::KafkaBroker broker;
    const ChildProcess::Environment kafka{{"TOLLGATE_KAFKA_BROKERS", broker.address()},
                                          {"TOLLGATE_KAFKA_TOPIC_PREFIX", broker.topic_name() + "."},
                                          {"TOLLGATE_BUS_USE", "kafka"}};
    const ChildProcess::Environment journal{{"TOLLGATE_BUS_USE", "journal"}};
    int sent = 0;
    const auto run = [&](const ChildProcess::Environment& bus) {
        const auto up = shop.up(bus);
        shop.send(sent + 1, sent + 20);
        sent += 20;
        stop(*up);
    };
    run(journal);
    run(kafka);
    run(journal);
    run(kafka);
    const auto up = shop.up(kafka);
    shop.check_booked(sent);
    stop(*up);
}
