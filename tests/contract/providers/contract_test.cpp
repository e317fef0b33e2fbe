// What holds for every provider: its samples, signed as it signs, are taken by ingress as it is shipped, are
// what they say they are, become the payment events that are written down for them when they are read from
// the archive, are known again, and a copy that was tampered with is refused. PayPal's and what is fetched
// from Mollie are in integration/ingress, where their hosts are played.
#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "archive/events.hpp"
#include "crypto/base64.hpp"
#include "integration/ingress/gateway.hpp"
#include "journal/readers.hpp"
#include "postgres/transaction.hpp"
#include "providers/facts.hpp"
#include "providers/items.hpp"
#include "providers/normalise.hpp"
#include "unit/providers/golden.hpp"
#include "unit/providers/requests.hpp"

using namespace tollgate;
using Catch::Contains;
using test::Gateway;
using test::Reply;
using test::Webhook;

namespace {

constexpr std::string_view host = "https://hooks.example.com";

std::string settings_of(std::string_view provider) {
    if (provider == "generic")
        return R"({"id": "/id", "type": "/type", "time": "/time", "account": "/account"})";
    return provider == "chargify" ? R"({"currency": "USD"})" : "{}";
}

Webhook sent(const Gateway& gateway, providers::Sample sample) {
    const std::string path = "/v1/in/acme/" + gateway.slug;
    const std::string url = std::string{host} + path;
    sample.url = url;
    // As the samples are of noon, unless that is too long ago.
    const bool ages = !providers::fact(gateway.provider.name, "tolerance").starts_with("none");
    const Timestamp now = ages ? SystemClock{}.now() : providers::testing::noon;
    auto delivery = gateway.provider.deliver(gateway.source_settings, gateway.secret, sample, now);
    if (!delivery) FAIL(delivery.error().text());
    return {.path = path, .headers = std::move(delivery->headers), .body = std::move(delivery->body)};
}

// By as little as can be.
Webhook tampered(const Gateway& gateway, Webhook webhook) {
    const std::string_view name = gateway.provider.name;
    if (name == "xendit") {
        webhook.headers.set("X-Callback-Token", gateway.secret.reveal() + "x");
    } else if (name == "chargebee" || name == "postmark") {
        webhook.headers.set("Authorization",
                            "Basic " + crypto::base64_encode("tollgate:" + gateway.secret.reveal() + "x"));
    } else {
        // Of Adyen's items and Braintree's payload not every byte is covered.
        const std::string_view covered = name == "adyen"       ? "\"currency\":\"E"
                                         : name == "braintree" ? "bt_payload="
                                                               : "";
        const std::size_t at =
            covered.empty() ? webhook.body.size() / 2 : webhook.body.find(covered) + covered.size() + 1;
        REQUIRE(at < webhook.body.size());
        webhook.body[at] = webhook.body[at] == 'A' ? 'B' : 'A';
    }
    return webhook;
}

archive::Event read(const Gateway& gateway, const Reply& reply) {
    postgres::Connection relay = test::open(gateway.database.service("relay"));
    postgres::Transaction transaction{relay};
    const auto id = Uuid::parse(reply.headers.get("Tollgate-Event-Id").value_or(""));
    REQUIRE(id);
    return archive::read(transaction, std::vector{*id}).at(0);
}

// As the provider gave it out: a request may wrap its events.
void check_own_bytes(const Gateway& gateway, const Webhook& webhook, const archive::Event& event) {
    const auto trust = providers::testing::trust(gateway.provider, gateway.source_settings, {});
    const providers::testing::Request request{.headers = webhook.headers, .body = webhook.body};
    const providers::Item item = providers::testing::item(gateway.provider, *trust, request);
    CHECK(event.body == providers::bytes_of(item, webhook.body));
}

void check_normalised(const Gateway& gateway, const archive::Event& event) {
    const auto payment =
        providers::normalise(gateway.provider, {.source = "golden",
                                                .settings = gateway.source_settings,
                                                .type = event.type,
                                                .event_id = event.provider_event_id.value_or(""),
                                                .account = event.account.value_or(""),
                                                .mode = event.mode.value_or(""),
                                                .subject = event.subject.value_or(""),
                                                .ordering_key = event.ordering_key.value_or(""),
                                                .time = event.provider_time,
                                                .proof = event.proof.value_or(""),
                                                .content_type = event.content_type.value_or(""),
                                                .body = event.body});
    if (!payment) FAIL(payment.error().text());
    if (gateway.provider.normalise != providers::read_nothing) {
        providers::testing::check_written(fmt::format("{}/{}", gateway.provider.name, event.type), *payment);
        return;
    }
    CHECK(payment->provider() == gateway.provider.name);
    CHECK(payment->provider_event_type() == event.type);
    CHECK(payment->category() == v1::CATEGORY_OTHER);
    // Of what is not read all is carried along.
    CHECK(payment->unrecognised().data() == event.body);
}

void check_answer(const Gateway& gateway, const Reply& reply, bool is_duplicate) {
    if (gateway.provider.must_read.empty()) {
        CHECK_THAT(reply.body, Contains(fmt::format(R"("duplicate":{})", is_duplicate)));
    } else {
        CHECK(reply.body == gateway.provider.must_read);
    }
}

void check_contract(const std::string& provider) {
    const Gateway gateway{provider, settings_of(provider), {{"TOLLGATE_HTTP_PUBLIC_URL", std::string{host}}}};
    REQUIRE_FALSE(gateway.provider.samples.empty());
    // What a reader has not read is kept, and so it can be looked at in the end.
    postgres::Connection owner = test::open(gateway.database.owner());
    REQUIRE(journal::register_reader(owner, "nobody"));
    for (const providers::Sample& sample : gateway.provider.samples) {
        CAPTURE(sample.type);
        const Webhook webhook = sent(gateway, sample);
        CHECK(gateway.send(tampered(gateway, webhook)).status == 401);
        const Reply first = gateway.send(webhook);
        REQUIRE(first.status == 200);
        check_answer(gateway, first, false);
        const archive::Event event = read(gateway, first);
        CHECK(event.type == sample.type);
        CHECK(event.secret.has_value());
        const bool is_token = providers::testing::sends_its_secret(gateway.provider);
        CHECK(event.proof == (is_token ? "token" : "signature"));
        check_own_bytes(gateway, webhook, event);
        check_normalised(gateway, event);
        const Reply again = gateway.send(webhook);
        CHECK(again.status == 200);
        check_answer(gateway, again, true);
        CHECK(again.headers.get("Tollgate-Event-Id") == first.headers.get("Tollgate-Event-Id"));
    }
    const test::Stored stored = gateway.now();
    CHECK(stored.events.size() == gateway.provider.samples.size());
    CHECK(stored.entries == stored.events);
    CHECK(stored.held.empty());
}

constexpr std::array names{"adyen",         "braintree",
                           "chargebee",     "chargify",
                           "flutterwave",   "generic",
                           "github",        "gocardless",
                           "lemon_squeezy", "mollie",
                           "paddle",        "paystack",
                           "postmark",      "razorpay",
                           "recurly",       "resend",
                           "school",        "sendgrid",
                           "shopify",       "slack",
                           "square",        "standard_webhooks",
                           "stripe",        "twilio",
                           "xendit"};

}  // namespace

TEST_CASE("every provider has a contract") {
    std::set<std::string_view> kept{"paypal"};
    kept.insert(names.begin(), names.end());
    for (const providers::Provider* const provider : providers::all()) CHECK(kept.contains(provider->name));
}

TEST_CASE("Adyen is answered what its older accounts must read") {
    CHECK(providers::find("adyen")->must_read == "[accepted]");
}

TEST_CASE("the samples of Adyen are taken, known again, and refused when tampered with") {
    check_contract("adyen");
}

TEST_CASE("the samples of Braintree are taken, known again, and refused when tampered with") {
    check_contract("braintree");
}

TEST_CASE("the samples of Chargebee are taken, known again, and refused when tampered with") {
    check_contract("chargebee");
}

TEST_CASE("the samples of Chargify are taken, known again, and refused when tampered with") {
    check_contract("chargify");
}

TEST_CASE("the samples of Flutterwave are taken, known again, and refused when tampered with") {
    check_contract("flutterwave");
}

TEST_CASE("the samples of a generic one are taken, known again, and refused when tampered with") {
    check_contract("generic");
}

TEST_CASE("the samples of GitHub are taken, known again, and refused when tampered with") {
    check_contract("github");
}

TEST_CASE("the samples of GoCardless are taken, known again, and refused when tampered with") {
    check_contract("gocardless");
}

TEST_CASE("the samples of Lemon Squeezy are taken, known again, and refused when tampered with") {
    check_contract("lemon_squeezy");
}

TEST_CASE("the samples of Mollie are taken, known again, and refused when tampered with") {
    check_contract("mollie");
}

TEST_CASE("the samples of Paddle are taken, known again, and refused when tampered with") {
    check_contract("paddle");
}

TEST_CASE("the samples of Paystack are taken, known again, and refused when tampered with") {
    check_contract("paystack");
}

TEST_CASE("the samples of Postmark are taken, known again, and refused when tampered with") {
    check_contract("postmark");
}

TEST_CASE("the samples of Razorpay are taken, known again, and refused when tampered with") {
    check_contract("razorpay");
}

TEST_CASE("the samples of Recurly are taken, known again, and refused when tampered with") {
    check_contract("recurly");
}

TEST_CASE("the samples of Resend are taken, known again, and refused when tampered with") {
    check_contract("resend");
}

TEST_CASE("the samples of the school are taken, known again, and refused when tampered with") {
    check_contract("school");
}

TEST_CASE("the samples of SendGrid are taken, known again, and refused when tampered with") {
    check_contract("sendgrid");
}

TEST_CASE("the samples of Shopify are taken, known again, and refused when tampered with") {
    check_contract("shopify");
}

TEST_CASE("the samples of Slack are taken, known again, and refused when tampered with") {
    check_contract("slack");
}

TEST_CASE("the samples of Square are taken, known again, and refused when tampered with") {
    check_contract("square");
}

TEST_CASE("the samples of Standard Webhooks are taken, known again, and refused when tampered with") {
    check_contract("standard_webhooks");
}

TEST_CASE("the samples of Stripe are taken, known again, and refused when tampered with") {
    check_contract("stripe");
}

TEST_CASE("the samples of Twilio are taken, known again, and refused when tampered with") {
    check_contract("twilio");
}

TEST_CASE("the samples of Xendit are taken, known again, and refused when tampered with") {
    check_contract("xendit");
}
