// Who shares an address with an attacker, a proxy or nobody: what the others' failures and slowness do to it.
#include <list>

#include <catch2/catch.hpp>

#include "gateway.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using test::Gateway;
using test::Webhook;

namespace {

std::size_t lines_with(const std::string& text, std::string_view what) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
    return count;
}

Webhook unbelievable(const Gateway& gateway) {
    Webhook webhook = gateway.webhook();
    webhook.headers.set("Stripe-Signature", "t=1,v1=00");
    return webhook;
}

}  // namespace

TEST_CASE("bodies that never come whole are failures of their sender") {
    Gateway gateway{"stripe",
                    "{}",
                    {{"TOLLGATE_INGRESS_FAILURES_BURST", "3"},
                     {"TOLLGATE_INGRESS_FAILURES_PER_SECOND", "1"},
                     {"TOLLGATE_HTTP_BODY_TIMEOUT", "200ms"}}};
    Webhook webhook = gateway.webhook();
    webhook.headers.add("Content-Length", std::to_string(webhook.body.size() + 5));
    std::list<test::RawConnection> slow;
    for (int i = 0; i < 3; ++i) slow.emplace_back(gateway.ingress.port()).send(webhook.text());
    for (test::RawConnection& peer : slow) CHECK(test::parse_reply(peer.read_message()).status == 408);
    CHECK(gateway.send(webhook).status == 429);
    CHECK_THAT(gateway.ingress.metrics(), Catch::Contains("outcome=\"broken\",provider=\"stripe\"} 3"));
}

TEST_CASE("who was verified lately is not shut out by failures from its address") {
    Gateway gateway{"stripe",
                    "{}",
                    {{"TOLLGATE_INGRESS_FAILURES_BURST", "5"},
                     {"TOLLGATE_INGRESS_FAILURES_PER_SECOND", "1"},
                     {"TOLLGATE_INGRESS_FAILURES_KNOWN_FACTOR", "1000"}}};
    CHECK(gateway.send(gateway.webhook()).status == 200);
    for (int i = 0; i < 20; ++i) CHECK(gateway.send(unbelievable(gateway)).status == 401);
    CHECK(gateway.send(gateway.webhook()).status == 200);
    // Of a source from which nothing was verified, the few are all that is looked at.
    gateway.office.create_source("acme", {.slug = "second", .provider = "stripe"}, "whsec_0123456789abcdef");
    Webhook other = unbelievable(gateway);
    other.path = "/v1/in/acme/second";
    REQUIRE(test::wait_until([&] { return gateway.send(other).status == 401; }));
    CHECK(test::wait_until([&] { return gateway.send(other).status == 429; }));
}

TEST_CASE("a proxy that is not trusted is told of once, with the setting that is wanting") {
    Gateway gateway;
    Webhook webhook = gateway.webhook();
    CHECK(gateway.send(webhook).status == 200);
    CHECK_FALSE(gateway.ingress.process().err().contains("X-Forwarded-For"));
    webhook.headers.set("X-Forwarded-For", "192.0.2.1");
    for (int i = 0; i < 3; ++i) CHECK(gateway.send(webhook).status == 200);
    CHECK(test::wait_until([&] { return gateway.ingress.process().err().contains("http.trusted_proxies"); }));
    CHECK(lines_with(gateway.ingress.process().err(), "X-Forwarded-For came") == 1);
}

TEST_CASE("connections and bytes beyond an address's share are counted and in the log") {
    Gateway gateway{"stripe",
                    "{}",
                    {{"TOLLGATE_HTTP_CONNECTIONS_PER_ADDRESS_MAX", "2"},
                     {"TOLLGATE_HTTP_BODIES_BYTES_PER_ADDRESS_MAX", "100KiB"}}};
    CHECK(gateway.send(gateway.signed_body(std::string(200'000, 'x'))).status == 503);
    std::list<test::RawConnection> slow;
    for (int i = 0; i < 2; ++i) slow.emplace_back(gateway.ingress.port()).send("POST /v1/in");
    CHECK(test::wait_until([&] { return gateway.send(gateway.webhook()).status == 503; }));
    // Counted when the answer is written, which may be after it was read.
    CHECK(test::wait_until([&] {
        const std::string metrics = gateway.ingress.metrics();
        return metrics.contains("turned_away_total{limit=\"bodies_bytes_per_address_max\"} 1") &&
               !metrics.contains("turned_away_total{limit=\"connections_per_address_max\"} 0");
    }));
    CHECK_THAT(gateway.ingress.process().err(),
               Catch::Contains("\"limit\":\"connections_per_address_max\"") &&
                   Catch::Contains("\"limit\":\"bodies_bytes_per_address_max\""));
}

TEST_CASE("a source that signs the URL is warned of where the public URL is not known") {
    const std::string settings = R"({"signed": "{url}{body}", "id": "/id"})";
    const auto warned = [](Gateway& gateway) {
        return gateway.ingress.process().err().contains("http.public_url is not set");
    };
    Gateway unknown{"generic", settings};
    CHECK(test::wait_until([&] { return warned(unknown); }));
    CHECK_THAT(unknown.ingress.process().err(), Catch::Contains("\"source\":\"generic\""));
    Gateway known{"generic", settings, {{"TOLLGATE_HTTP_PUBLIC_URL", "https://hooks.example.com"}}};
    // A line that comes after the source was read, and so after a warning of it.
    const Webhook unsigned_one{.path = "/v1/in/acme/generic", .headers = {}, .body = "{}"};
    CHECK(known.send(unsigned_one).status == 401);
    REQUIRE(test::wait_until(
        [&] { return known.ingress.process().err().contains("a webhook was not believed"); }));
    CHECK_FALSE(warned(known));
}
