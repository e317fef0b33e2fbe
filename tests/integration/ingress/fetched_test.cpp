// What is believed because of a document of the provider's: Mollie's payments and PayPal's certificates,
// asked for by ingress.
#include <future>

#include <catch2/catch.hpp>

#include "document_host.hpp"
#include "http/completion.hpp"
#include "integration/http/fixtures.hpp"
#include "providers/normalise.hpp"
#include "support/wait.hpp"
#include "unit/providers/paypal_sender.hpp"

using namespace tollgate;
using namespace std::chrono_literals;
using Catch::Contains;
using test::AskingIngress;
using test::DocumentHost;
using test::Reply;

namespace {

const std::string api_key = "test_" + std::string(30, 'k');
const http::Headers form{{"Content-Type", "application/x-www-form-urlencoded"}};

std::string payment(std::string_view id, std::string_view more = "") {
    return fmt::format(R"({{"resource":"payment","id":"{}","status":"paid","profileId":"pfl_1",)"
                       R"("amount":{{"value":"99.00","currency":"EUR"}},)"
                       R"("paidAt":"2025-11-25T11:59:50+00:00"{}}})",
                       id, more);
}

// The payment of any id, as it was asked for.
boost::asio::awaitable<http::Response> any_payment(const http::Request& request) {
    co_return http::json(200, payment(request.parameter("id")));
}

AskingIngress mollie(const DocumentHost& host, const ingress::DocumentLimits& limits = {},
                     const ingress::FailureLimits& failures = {}) {
    return {"mollie", "{}", api_key, host, limits, failures};
}

v1::PaymentEvent normalised(const archive::Event& event) {
    const auto made = providers::normalise(*providers::find(event.provider),
                                           {.source = event.source,
                                            .type = event.type,
                                            .event_id = event.provider_event_id.value_or(""),
                                            .time = event.provider_time,
                                            .proof = event.proof.value_or(""),
                                            .content_type = event.content_type.value_or(""),
                                            .body = event.body});
    if (!made) FAIL(made.error().text());
    return *made;
}

}  // namespace

TEST_CASE("a payment that is fetched back is stored as it is then, once for each of its states") {
    DocumentHost host;
    const AskingIngress ingress = mollie(host);
    host.answers(http::json(200, payment("tr_1")));
    const Reply first = ingress.send("id=tr_1", form);
    CHECK(first.status == 200);
    CHECK_THAT(first.body, Contains(R"("duplicate":false)"));
    CHECK(host.asked() ==
          std::vector<std::string>{"/v2/payments/tr_1?embed=refunds,chargebacks Bearer " + api_key});
    CHECK_THAT(ingress.send("id=tr_1", form).body, Contains(R"("duplicate":true)"));
    host.answers(http::json(
        200, payment("tr_1", R"(,"_embedded":{"refunds":[{"resource":"refund","id":"re_1",)"
                             R"("status":"refunded","paymentId":"tr_1","createdAt":"2025-11-26T11:59:50Z",)"
                             R"("amount":{"value":"15.00","currency":"EUR"}}]})")));
    CHECK(ingress.send("id=tr_1", form).status == 200);
    CHECK_THAT(ingress.send("id=tr_1", form).body, Contains(R"("duplicate":true)"));

    const auto events = ingress.events();
    REQUIRE(events.size() == 2);
    CHECK(events[0].type == "payment.paid");
    CHECK(events[0].body == payment("tr_1"));
    CHECK(events[0].proof == "fetched");
    CHECK(events[0].content_type == "application/json");
    CHECK(normalised(events[0]).fact() == v1::FACT_PAYMENT_SUCCEEDED);
    CHECK(events[1].type == "refund.refunded");
    CHECK(events[1].content_type == "application/json");
    CHECK(normalised(events[1]).fact() == v1::FACT_REFUND_SUCCEEDED);
    CHECK(normalised(events[1]).amount().minor() == 1500);
    CHECK(normalised(events[1]).references().payment_id() == "tr_1");
    CHECK(ingress.now().entries == ingress.now().events);
    CHECK(ingress.now().held.empty());
}

TEST_CASE("a payment that is not to be had is asked for again, and nothing is taken for it") {
    DocumentHost host;
    AskingIngress ingress = mollie(host, {.timeout = 300ms});
    host.answers(http::plain(500, "down"));
    CHECK(ingress.send("id=tr_1", form).status == 503);
    host.answers(http::plain(404, R"({"status":404,"title":"Not Found"})"));
    const Reply missing = ingress.send("id=tr_1", form);
    CHECK(missing.status == 503);
    CHECK(missing.headers.contains("Retry-After"));
    CHECK_FALSE(missing.body.contains("mollie"));
    host.answers(http::plain(401, "whose key is this?"));
    CHECK(ingress.send("id=tr_1", form).status == 503);
    host.answers({.status = 302, .headers = {{"Location", "/elsewhere"}}, .body = payment("tr_1")});
    CHECK(ingress.send("id=tr_1", form).status == 503);
    host.answers(http::json(
        200, payment("tr_1", fmt::format(R"(,"description":"{}")", std::string(300 << 10U, 'x')))));
    CHECK(ingress.send("id=tr_1", form).status == 503);
    test::Gate gate;
    host.answers([&](const http::Request& request) { return gate.wait(request); });
    const auto began = std::chrono::steady_clock::now();
    CHECK(ingress.send("id=tr_1", form).status == 503);
    CHECK(std::chrono::steady_clock::now() - began < 5s);
    gate.open(500);
    // Nobody was led elsewhere, and nothing was asked for twice.
    CHECK(host.asked().size() == 6);
    CHECK(ingress.now().events.empty());

    host.answers(http::json(200, payment("tr_2")));
    CHECK(ingress.send("id=tr_1", form).status == 401);
    host.answers(http::plain(200, "not JSON"));
    CHECK(ingress.send("id=tr_1", form).status == 401);
    host.answers(http::json(200, R"({"id":"tr_1"})"));
    CHECK(ingress.send("id=tr_1", form).status == 400);
    CHECK(ingress.now().events.empty());
    host.answers(any_payment);
    CHECK(ingress.send("id=tr_1", form).status == 200);
    CHECK_THAT(ingress.metrics(), Contains(R"(provider="mollie",reason="document_wrong"} 2)"));
}

TEST_CASE("strangers cannot have a provider called without limit, nor keep its own calls from being heard") {
    DocumentHost host;
    host.answers(any_payment);
    ingress::DocumentLimits limits;
    limits.of_source = {.per_second = 1, .burst = 3, .known_factor = 10};
    AskingIngress ingress = mollie(host, limits);
    // Mollie has called before.
    CHECK(ingress.send("id=tr_0", form, "192.0.2.7").status == 200);
    host.answers(http::plain(404, "no such payment"));
    // Each from an address of its own.
    int limited = 0;
    for (int i = 0; i < 40; ++i) {
        const Reply reply = ingress.send(fmt::format("id=tr_x{}", i), form, fmt::format("198.51.100.{}", i));
        CHECK((reply.status == 503 || reply.status == 429));
        if (reply.status != 429) continue;
        ++limited;
        CHECK(reply.headers.contains("Retry-After"));
    }
    // How long that took is what may have been forgiven meanwhile.
    CHECK(limited >= 20);
    CHECK(host.asked().size() + static_cast<std::size_t>(limited) == 41);
    host.answers(any_payment);
    CHECK(ingress.send("id=tr_1", form, "192.0.2.7").status == 200);
    CHECK_THAT(ingress.metrics(),
               Contains(fmt::format(R"(outcome="limited",provider="mollie"}} {})", limited)));
}

TEST_CASE("an address that names what is not there is not looked at for a while") {
    DocumentHost host;
    host.answers(http::plain(404, "no such payment"));
    const AskingIngress ingress = mollie(host, {}, {.per_second = 1, .burst = 5});
    for (int i = 0; i < 5; ++i) CHECK(ingress.send(fmt::format("id=tr_x{}", i), form).status == 503);
    const std::size_t asked = host.asked().size();
    CHECK(ingress.send("id=tr_x5", form).status == 429);
    CHECK(host.asked().size() == asked);
    host.answers(any_payment);
    CHECK(ingress.send("id=tr_1", form, "192.0.2.7").status == 200);
}

TEST_CASE("of one source no more is fetched at a time than its share") {
    DocumentHost host;
    test::Gate gate;
    host.answers([&](const http::Request& request) { return gate.wait(request); });
    ingress::DocumentLimits limits{.timeout = 20s};
    limits.of_source = {.at_once_max = 2};
    AskingIngress ingress = mollie(host, limits);
    std::vector<std::future<Reply>> waiting;
    for (int i = 0; i < 2; ++i) {
        waiting.push_back(std::async(std::launch::async, [&ingress, i] {
            return ingress.send(fmt::format("id=tr_{}", i), form, fmt::format("198.51.100.{}", i));
        }));
    }
    REQUIRE(gate.holds(2));
    CHECK(ingress.send("id=tr_2", form, "198.51.100.9").status == 429);
    gate.open(404);
    for (auto& reply : waiting) CHECK(reply.get().status == 503);
    host.answers(any_payment);
    CHECK(ingress.send("id=tr_2", form, "198.51.100.9").status == 200);
}

namespace {

const providers::testing::Paypal& paypal() {
    static const providers::testing::Paypal one;  // keys of RSA take a while
    return one;
}

struct PaypalIngress {
    DocumentHost host;
    AskingIngress ingress{"paypal",
                          paypal().settings(),
                          std::string{providers::testing::paypal_webhook_id},
                          host,
                          {.timeout = 300ms}};

    PaypalIngress() {
        ingress.clock.time = providers::testing::noon;
        host.answers(http::plain(200, paypal().chain));
    }
    Reply send(const providers::testing::Request& request) const {
        return ingress.send(request.body, request.headers);
    }
};

}  // namespace

TEST_CASE("each sample of PayPal is taken by the certificate that it names, which is fetched once") {
    PaypalIngress world;
    for (const providers::Sample& sample : paypal().provider.samples) {
        CAPTURE(sample.type);
        const auto request = paypal().request_of(sample.body);
        const Reply reply = world.send(request);
        CHECK(reply.status == 200);
        CHECK_THAT(reply.body, Contains(R"("duplicate":false)"));
        CHECK_THAT(world.send(request).body, Contains(R"("duplicate":true)"));
        auto changed = request;
        changed.body[changed.body.size() / 2] = static_cast<char>(changed.body[changed.body.size() / 2] ^ 1);
        CHECK(world.send(changed).status == 401);
    }
    CHECK(world.host.asked() == std::vector<std::string>{"/v1/notifications/certs/CERT-made-0001 -"});
    const auto events = world.ingress.events();
    REQUIRE(events.size() == paypal().provider.samples.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        CHECK(events[i].type == paypal().provider.samples[i].type);
        CHECK(events[i].proof == "signature");
        const auto payment = normalised(events[i]);
        CHECK(payment.category() != v1::CATEGORY_UNSPECIFIED);
        CHECK(payment.unrecognised().data().empty());
    }
}

TEST_CASE("a certificate that is not to be had is asked for again, and one that is wrong is refused") {
    PaypalIngress world;
    const auto request = paypal().request();
    world.host.answers(http::plain(404, ""));
    CHECK(world.send(request).status == 503);
    world.host.answers(http::plain(500, ""));
    CHECK(world.send(request).status == 503);
    world.host.answers({.status = 301, .headers = {{"Location", "/elsewhere"}}, .body = paypal().chain});
    CHECK(world.send(request).status == 503);
    world.host.answers(http::plain(200, std::string(300 << 10U, 'x')));
    CHECK(world.send(request).status == 503);
    test::Gate gate;
    world.host.answers([&](const http::Request& asked) { return gate.wait(asked); });
    CHECK(world.send(request).status == 503);
    gate.open(500);
    CHECK(world.host.asked().size() == 5);
    const auto of_nobody = providers::testing::make_certificate("messageverificationcerts.paypal.com").pem();
    world.host.answers(http::plain(200, of_nobody));
    CHECK(world.send(request).status == 401);
    CHECK(world.ingress.now().events.empty());
    CHECK_THAT(world.ingress.metrics(), Contains(R"(provider="paypal",reason="document_wrong"} 1)"));
}

TEST_CASE("a certificate that has expired while it was kept is not believed any more") {
    PaypalIngress world;
    CHECK(world.send(paypal().request()).status == 200);
    world.ingress.clock.time = providers::testing::noon + 13h;
    CHECK(world.send(paypal().request_of(paypal().provider.samples[1].body)).status == 401);
    CHECK_THAT(world.ingress.metrics(), Contains(R"(provider="paypal",reason="document_wrong"} 1)"));
}
