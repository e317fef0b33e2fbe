// A webhook, from the sender's point of view.
#include <csignal>

#include <catch2/catch.hpp>

#include "archive/events.hpp"
#include "gateway.hpp"
#include "http/percent.hpp"
#include "postgres/transaction.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using test::Gateway;
using test::Reply;
using test::Webhook;

namespace {

std::string id_of(const Reply& reply) {
    return std::string{reply.headers.get("Tollgate-Event-Id").value_or("")};
}

archive::Event read(const Gateway& gateway, const std::string& id) {
    postgres::Connection relay = test::open(gateway.database.service("relay"));
    postgres::Transaction transaction{relay};
    return archive::read(transaction, std::vector{*Uuid::parse(id)}).at(0);
}

}  // namespace

TEST_CASE("a webhook is stored as it was received, with who vouched for it") {
    Gateway gateway;
    Webhook webhook = gateway.webhook("invoice.paid");
    webhook.headers.add("Authorization", "Bearer of-somebody");
    webhook.headers.add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    const Reply reply = gateway.send(webhook);
    CHECK(reply.status == 200);
    CHECK(reply.body == fmt::format(R"({{"event_id":"{}","duplicate":false}})", id_of(reply)));
    CHECK(reply.headers.get("Content-Type") == "application/json");

    const archive::Event event = read(gateway, id_of(reply));
    CHECK(event.body == webhook.body);
    CHECK(event.tenant == gateway.tenant);
    CHECK(event.source == "stripe");
    CHECK(event.provider == "stripe");
    CHECK(event.type == "invoice.paid");
    CHECK(event.provider_event_id.value_or("").starts_with("evt_"));
    CHECK(event.provider_time.has_value());
    CHECK(event.proof == "signature");
    CHECK(event.secret.has_value());
    CHECK(event.received_from == "127.0.0.1");
    CHECK_THAT(event.traceparent.value_or(""), Catch::StartsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    CHECK_THAT(event.headers, Catch::Contains("Stripe-Signature: t="));
    CHECK_THAT(event.headers, Catch::Contains("Authorization: [redacted]\n"));
    CHECK(gateway.now().entries == gateway.now().events);
}

TEST_CASE("a repeat is told as one, also on the connection that the first came on") {
    Gateway gateway;
    const Webhook webhook = gateway.webhook();
    test::RawConnection connection{gateway.ingress.port()};
    // Pipelined.
    connection.send(webhook.text() + webhook.text());
    const Reply first = test::parse_reply(connection.read_message());
    const Reply second = test::parse_reply(connection.read_message());
    CHECK(first.body == fmt::format(R"({{"event_id":"{}","duplicate":false}})", id_of(first)));
    CHECK(second.body == fmt::format(R"({{"event_id":"{}","duplicate":true}})", id_of(first)));
    CHECK(gateway.now().events.size() == 1);
}

TEST_CASE("a question of a new URL is answered, and GET is for nothing else") {
    Gateway gateway{"braintree"};
    const auto get = [&](const std::string& query) {
        return gateway.send(
            {.path = "/v1/in/acme/braintree" + query, .headers = {}, .body = {}, .method = "GET"});
    };
    const Reply answered = get("?bt_challenge=20f9f8ed05f77439fe955c977e4c8a53");
    CHECK(answered.status == 200);
    const std::string_view secret = gateway.secret.reveal();
    CHECK_THAT(answered.body, Catch::StartsWith(std::string{secret.substr(0, secret.find(':'))} + "|"));
    CHECK(get("").status == 401);
    CHECK(get("?bt_challenge=x").status == 401);
    CHECK(gateway.now().events.empty());
}

TEST_CASE("the same id with other content is taken, and held") {
    Gateway gateway;
    const Webhook webhook = gateway.webhook("invoice.paid");
    std::string other = webhook.body;
    const std::size_t at = other.find("\"amount");
    REQUIRE(at != std::string::npos);
    other.insert(other.find_first_of("123456789", at), "7");
    CHECK(gateway.send(webhook).status == 200);
    const Reply reply = gateway.send(gateway.signed_body(other));
    CHECK(reply.status == 200);
    CHECK(gateway.now().held == std::vector{*Uuid::parse(id_of(reply))});
    CHECK(gateway.now().entries.size() == 1);
    CHECK_THAT(gateway.ingress.metrics(),
               Catch::Contains("tollgate_ingress_events_total{outcome=\"held\"} 1"));
}

TEST_CASE("a secret that is sent along is stored nowhere") {
    Gateway gateway{"generic", R"({"proof":"token","header":"X-Api-Token","prefix":"key ","id":"/id"})"};
    const Webhook webhook{.path = "/v1/in/acme/generic",
                          .headers = {{"X-Api-Token", "key " + gateway.secret.reveal()}},
                          .body = R"({"id":"1"})"};
    const Reply reply = gateway.send(webhook);
    REQUIRE(reply.status == 200);
    const archive::Event event = read(gateway, id_of(reply));
    CHECK(event.proof == "token");
    CHECK_THAT(event.headers, Catch::Contains("X-Api-Token: [redacted]\n"));
    CHECK_FALSE(event.headers.contains(gateway.secret.reveal()));
}

TEST_CASE("who lacks the key of a secret does not blame the sender") {
    Gateway gateway;
    const test::Office other{gateway.database.owner()};
    const test::IngressProcess mistaken{gateway.database.service("ingress").url, other.keys_file()};
    const Reply reply = mistaken.send(gateway.webhook());
    CHECK(reply.status == 503);
    CHECK(reply.headers.contains("Retry-After"));
    CHECK(gateway.send(gateway.webhook()).status == 200);
}

TEST_CASE("a new source is known within a second, and a disabled one is closed as soon") {
    Gateway gateway;
    Webhook webhook = gateway.webhook();
    webhook.path = "/v1/in/acme/second";
    CHECK(gateway.send(webhook).status == 404);
    gateway.office.create_source("acme", {.slug = "second", .provider = "stripe"}, gateway.secret.reveal());
    CHECK(test::wait_until([&] { return gateway.send(webhook).status == 200; }, std::chrono::seconds{1}));
    gateway.office.order([](postgres::Transaction& tx, const tenants::Actor& actor) -> Result<void> {
        const auto disabled = tenants::disable_source(tx, actor, "acme", "second");
        return disabled ? Result<void>{} : std::unexpected{disabled.error()};
    });
    CHECK(test::wait_until([&] { return gateway.send(webhook).status == 404; }, std::chrono::seconds{1}));
}

TEST_CASE("each alias answers in its origin's form and leads to its source") {
    Gateway gateway;
    const test::Office& office = gateway.office;
    office.create_tenant("platform");
    office.create_source("platform", {.provider = "stripe"}, gateway.secret.reveal());
    office.create_source("acme", {.slug = "b5", .provider = "stripe", .aliases = {"/webhooks/stripe"}},
                         gateway.secret.reveal());
    office.create_source("acme",
                         {.slug = "m2", .provider = "stripe", .aliases = {"/api/v1/gateway/webhooks/stripe"}},
                         gateway.secret.reveal());
    office.create_source("acme", {.slug = "own", .provider = "stripe", .aliases = {"/hooks/from/before"}},
                         gateway.secret.reveal());
    Webhook webhook = gateway.webhook("invoice.paid");
    REQUIRE(test::wait_until([&] {
        webhook.path = "/hooks/from/before";
        return gateway.send(webhook).status == 200;
    }));
    const std::string theirs = *read(gateway, id_of(gateway.send(webhook))).provider_event_id;
    const auto sent_to = [&](const std::string& path) {
        webhook.path = path;
        const Reply reply = gateway.send(webhook);
        CHECK(reply.status == 200);
        return std::pair{reply.body, read(gateway, id_of(reply)).source};
    };
    const std::string named = fmt::format(R"({{"event_id":"{}","duplicate":false}})", theirs);
    const std::string received =
        fmt::format(R"({{"received":true,"event_id":"{}","event_type":"invoice.paid"}})", theirs);
    CHECK(sent_to("/webhooks/customer/" + gateway.tenant.text() + "/stripe/") ==
          std::pair{named, std::string{"stripe"}});
    CHECK(sent_to("/webhooks/billing/stripe/") == std::pair{named, std::string{"stripe"}});
    CHECK(sent_to("/webhooks/stripe") == std::pair{received, std::string{"b5"}});
    CHECK(sent_to("/webhooks/stripe/") == std::pair{received, std::string{"b5"}});
    CHECK(sent_to("/api/v1/gateway/webhooks/stripe") == std::pair{received, std::string{"m2"}});
    for (const char* const nothing :
         {"/webhooks/razorpay", "/api/v1/gateway/webhooks/resend", "/webhooks/stripe/test",
          "/api/v1/gateway/webhooks/stripe/test", "/webhooks/customer/acme/shopify/"}) {
        webhook.path = nothing;
        CHECK(gateway.send(webhook).status == 404);
    }
    const Reply health =
        gateway.send({.path = "/webhooks/health", .headers = {}, .body = {}, .method = "GET"});
    CHECK(health.status == 200);
    CHECK(health.body == R"({"status":"ok"})");
}

TEST_CASE("a school's payments come by its code") {
    Gateway gateway{"school"};
    gateway.office.create_source("acme", {.slug = "bank", .provider = "school", .school_codes = {"S-17"}},
                                 gateway.secret.reveal());
    Webhook webhook = gateway.webhook();
    webhook.path = "/api/webhooks/bank";
    webhook.headers.set("X-School-Code", "S-17");
    Reply reply;
    REQUIRE(test::wait_until([&] { return (reply = gateway.send(webhook)).status == 200; }));
    const std::string theirs = read(gateway, id_of(reply)).provider_event_id.value_or("none");
    CHECK(reply.body ==
          fmt::format(R"({{"detail":"Webhook accepted","event_id":"{}","status":"pending"}})", theirs));
    webhook.path = "/api/webhooks/otherbank";
    CHECK(gateway.send(webhook).status == 404);
    webhook.path = "/api/webhooks/bank";
    webhook.headers.set("X-School-Code", "S-18");
    CHECK(gateway.send(webhook).status == 404);
    webhook.headers.remove("X-School-Code");
    CHECK(gateway.send(webhook).status == 404);
}

TEST_CASE("only in development a webhook without a signature is taken, and the log says so loudly") {
    Gateway gateway{"stripe", "{}", {{"TOLLGATE_INGRESS_DEVELOPMENT", "true"}}};
    gateway.office.create_source(
        "acme", {.slug = "m2", .provider = "stripe", .aliases = {"/api/v1/gateway/webhooks/stripe"}},
        gateway.secret.reveal());
    Webhook webhook = gateway.webhook();
    webhook.headers = {};
    webhook.path = "/api/v1/gateway/webhooks/stripe/test";
    Reply reply;
    CHECK(test::wait_until([&] { return (reply = gateway.send(webhook)).status == 200; }));
    CHECK(read(gateway, id_of(reply)).proof == "none");
    CHECK_THAT(gateway.ingress.process().err(), Catch::Contains("DEVELOPMENT: unsigned webhooks are taken"));
    CHECK_THAT(gateway.ingress.process().err(),
               Catch::Contains("DEVELOPMENT: an unsigned webhook is taken") && Catch::Contains(id_of(reply)));
    webhook.path = "/v1/in/acme/stripe";
    CHECK(gateway.send(webhook).status == 401);
}

TEST_CASE("a secret that is retired vouches for nothing, and its use was noted before") {
    Gateway gateway;
    const Webhook webhook = gateway.webhook();
    CHECK(gateway.send(webhook).status == 200);
    std::vector<tenants::SecretState> secrets;
    gateway.office.order([&](postgres::Transaction& tx, const tenants::Actor& actor) -> Result<void> {
        secrets = tenants::list_secrets(tx, actor, {.tenant = "acme", .source = "stripe"}).value();
        const auto retired =
            tenants::retire_secret(tx, actor, "acme", "stripe", secrets.at(0).id, std::nullopt);
        return retired ? Result<void>{} : std::unexpected{retired.error()};
    });
    CHECK(test::wait_until([&] { return gateway.send(webhook).status == 401; }, std::chrono::seconds{1}));
    CHECK_THAT(gateway.ingress.metrics(), Catch::Contains("reason=\"no_secret\""));
    // What was noted is written when the process stops, at the latest.
    gateway.ingress.process().signal(SIGTERM);
    CHECK(gateway.ingress.process().wait() == 0);
    gateway.office.order([&](postgres::Transaction& tx, const tenants::Actor& actor) -> Result<void> {
        secrets = tenants::list_secrets(tx, actor, {.tenant = "acme", .source = "stripe"}).value();
        return {};
    });
    CHECK(secrets.at(0).last_used_at.has_value());
}
