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
              std::int64_t{payments} * 1000);
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
            Catch::Contains(R"(tollgate_consumer_messages_total{consumer="billing",outcome="done"} 3)"));
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

TEST_CASE("send sends what a provider would, each an event of its own, and says what came back") {
    Shop shop;
    const auto up = shop.up();
    const std::string to = fmt::format("http://127.0.0.1:{}/v1/in/acme/", shop.port);
    const std::string signed_with = " --secret-file " + shop.shell.file("secret", secret);
    const auto paid =
        shop.shell("send --provider stripe --type charge.succeeded --count 3 --per-second 1000 --to " + to +
                   "shop" + signed_with);
    CHECK(paid.code == 0);
    CHECK_THAT(paid.out, Catch::Contains("200  {\"event_id\":") && !Catch::Contains("\"duplicate\":true"));
    REQUIRE(test::wait_until(
        [&] { return shop.number("select count(*) from billing.payment where status = 'succeeded'") == 3; },
        60s));

    const auto elsewhere =
        shop.shell("send --provider stripe --type charge.succeeded --to " + to + "shap" + signed_with);
    CHECK(elsewhere.code == 1);
    CHECK_THAT(elsewhere.out, Catch::StartsWith("404  "));
    const auto unsigned_by_it =
        shop.shell("send --provider stripe --type charge.succeeded --json --to " + to +
                   "shop --secret-file " + shop.shell.file("other", secret + "0"));
    CHECK(unsigned_by_it.code == 1);
    CHECK_THAT(unsigned_by_it.out, Catch::StartsWith("{\"status\":401,"));
    stop(*up);
    const auto nobody =
        shop.shell("send --provider stripe --type charge.succeeded --to " + to + "shop" + signed_with);
    CHECK(nobody.code == 5);
    CHECK_THAT(nobody.err, Catch::StartsWith("tollgate send: "));
}

TEST_CASE("send lists what there is, names the nearest word, and prints a line for curl") {
    const test::Shell shell;
    CHECK_THAT(shell("send").out, Catch::StartsWith("PROVIDER") && Catch::Contains("orders/paid"));
    CHECK_THAT(shell("send --provider stripe --json").out,
               Catch::Contains(R"({"provider":"stripe","type":"invoice.payment_failed"})") &&
                   !Catch::Contains("shopify"));
    const auto check_refused = [&](const std::string& command, const std::string& because) {
        const auto ran = shell("send " + command);
        CHECK(ran.code == 2);
        CHECK_THAT(ran.err, Catch::Contains(because));
    };
    check_refused("--provider strip", "did you mean stripe?");
    check_refused("--provider stripe --type invoice.payed --print --secret-file -",
                  "did you mean invoice.paid?");
    check_refused("--provider stripe --type invoice.paid --print", "--secret-file");
    // Who says how, or where to, is not shown a list as if it had been sent.
    check_refused("--provider stripe --to http://127.0.0.1:1/ --secret-file -",
                  "nothing is sent: --to is given, and --type is missing");
    check_refused("--to http://127.0.0.1:1/", "--provider and --type are missing");
    check_refused("--type invoice.paid", "--type is given, and --provider is missing");
    check_refused("--provider stripe --print", "--print is given");
    check_refused("--count 3", "--count is given");
    check_refused("--provider stripe --type invoice.paid --secret-file x", "--to");
    check_refused("--provider stripe --type invoice.paid --print --secret-file " +
                      shell.file("key", "sk_live_abcdefghijklmnop"),
                  "API key");
    const auto line = shell("send --provider stripe --type invoice.paid --print --secret-file " +
                            shell.file("secret", secret));
    CHECK(line.code == 0);
    CHECK_THAT(line.out, Catch::StartsWith("curl --data-binary '{") &&
                             Catch::Contains("-H 'Stripe-Signature: t=") && !Catch::Contains(secret));
}
