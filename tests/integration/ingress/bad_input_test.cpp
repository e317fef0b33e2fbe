// What nobody should send, and what he is told: each with the reason that the operator reads.
#include <catch2/catch.hpp>

#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "gateway.hpp"
#include "support/raw_socket.hpp"
#include "support/wait.hpp"

using namespace tollgate;
using test::Gateway;
using test::Reply;
using test::Webhook;

namespace {

struct BadInput {
    std::string what;
    Webhook webhook;
    int status = 401;
    std::string reason;  // on the counter; none if empty
};

std::string replaced(std::string text, std::string_view what, std::string_view by) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), by);
}

Webhook with_signature(Webhook webhook, std::string_view signature) {
    webhook.headers.set("Stripe-Signature", signature);
    return webhook;
}

std::string signed_at(const Gateway& gateway, const std::string& body, std::chrono::seconds from_now) {
    const auto t = std::to_string(
        std::chrono::floor<std::chrono::seconds>(SystemClock{}.now() + from_now).time_since_epoch().count());
    const auto key = crypto::HmacKey::make(crypto::HmacHash::sha256, gateway.secret);
    return "t=" + t + ",v1=" + crypto::hex_encode(key->sign({t, ".", body}));
}

std::vector<BadInput> unverified(const Gateway& gateway) {
    const Webhook good = gateway.webhook();
    const std::string signature{*good.headers.get("Stripe-Signature")};
    const std::size_t hex = signature.find("v1=") + 3;
    std::string upper = signature;
    std::transform(upper.begin() + static_cast<std::ptrdiff_t>(hex), upper.end(),
                   upper.begin() + static_cast<std::ptrdiff_t>(hex),
                   [](char c) { return static_cast<char>(std::toupper(c)); });
    std::string ten = signature.substr(0, hex - 4);
    for (int i = 0; i < 10; ++i) ten += ",v1=" + std::string(64, static_cast<char>('0' + i));
    Webhook none = good;
    none.headers.remove("Stripe-Signature");
    Webhook changed = good;
    changed.body = replaced(changed.body, "\"id\"", "\"iD\"");
    const auto at = [&](std::chrono::seconds from_now) {
        return with_signature(good, signed_at(gateway, good.body, from_now));
    };
    return {
        {"no signature", none, 401, "proof_missing"},
        {"an empty one", with_signature(good, ""), 401, ""},
        {"one of 10 kB", with_signature(good, std::string(10'000, 'a')), 401, ""},
        {"a truncated one", with_signature(good, signature.substr(0, signature.size() - 2)), 401, ""},
        {"in upper case", with_signature(good, upper), 401, ""},
        {"ten wrong ones", with_signature(good, ten), 401, "proof_wrong"},
        {"another's secret", with_signature(good, replaced(signature, signature.substr(hex, 4), "0000")), 401,
         "proof_wrong"},
        {"another body", changed, 401, "proof_wrong"},
        {"an old time", at(std::chrono::minutes{-6}), 401, "too_old"},
        {"a future time", at(std::chrono::minutes{6}), 401, "too_new"},
    };
}

std::vector<BadInput> malformed(const Gateway& gateway) {
    std::string deep = R"({"id":"evt_1","object":"event","type":"x","data":{"object":)";
    deep += std::string(100'000, '[') + std::string(100'000, ']') + "}}";
    const std::string good = gateway.webhook().body;
    return {
        {"nothing", gateway.signed_body(""), 400, ""},
        {"no JSON", gateway.signed_body("hello"), 400, ""},
        {"invalid UTF-8", gateway.signed_body(replaced(good, "evt_", "evt_\xFF\xFE")), 400, ""},
        {"a zero byte", gateway.signed_body(good + std::string(1, '\0')), 400, ""},
        {"100,000 deep", gateway.signed_body(deep), 400, ""},
        {"two ids", gateway.signed_body(replaced(good, "\"id\"", "\"id\": \"evt_other\", \"id\"")), 400, ""},
        {"gzip", gateway.signed_body("\x1f\x8b\x08 not really"), 400, ""},
    };
}

std::vector<BadInput> astray(const Gateway& gateway) {
    const auto to = [&](const std::string& path, const std::string& method = "POST") {
        Webhook webhook = gateway.webhook();
        webhook.path = path;
        webhook.method = method;
        return webhook;
    };
    return {
        {"an unknown tenant", to("/v1/in/nobody/stripe"), 404, ""},
        {"an unknown source", to("/v1/in/acme/other"), 404, ""},
        {"no source", to("/v1/in/acme"), 404, ""},
        {"too many segments", to("/a/b/c/d/e/f/g"), 404, ""},
        {"a path with an escape cut off", to("/v1/in/acme/%2"), 400, ""},
        {"a path that climbs", to("/v1/in/../in/acme/stripe"), 404, ""},
        {"GET", to("/v1/in/acme/stripe", "GET"), 405, ""},
        {"HEAD", to("/v1/in/acme/stripe", "HEAD"), 405, ""},
        {"DELETE", to("/v1/in/acme/stripe", "DELETE"), 405, ""},
    };
}

std::vector<BadInput> oversized(const Gateway& gateway) {
    Webhook large = gateway.signed_body("{\"id\":\"evt_1\",\"x\":\"" + std::string(1'100'000, 'x') + "\"}");
    Webhook lies = gateway.webhook();
    lies.headers.add("Content-Length", "99999999");
    Webhook header = gateway.webhook();
    header.headers.add("X-Large", std::string(40'000, 'x'));
    return {{"a body over its limit", large, 413, ""},
            {"a length over the limit", lies, 413, ""},
            {"headers over their limit", header, 431, ""}};
}

}  // namespace

TEST_CASE("what is not verified or makes no sense is refused, with a reason, and nothing of it is stored") {
    Gateway gateway{"stripe", "{}", {{"TOLLGATE_INGRESS_FAILURES_BURST", "1000"}}};
    for (const auto& table : {unverified(gateway), malformed(gateway), astray(gateway), oversized(gateway)}) {
        for (const BadInput& bad : table) {
            CAPTURE(bad.what);
            const Reply reply = gateway.send(bad.webhook);
            CHECK(reply.status == bad.status);
            CHECK(reply.headers.get("Content-Type") == "application/problem+json");
            // Who could not prove who he is learns nothing more.
            if (bad.status == 401) CHECK(reply.body == R"({"title":"Unauthorized","status":401})");
            if (bad.status == 404) CHECK_FALSE(reply.body.contains("tenant"));
            if (!bad.reason.empty())
                CHECK_THAT(gateway.ingress.metrics(), Catch::Contains("reason=\"" + bad.reason + "\""));
        }
    }
    CHECK(gateway.now().events.empty());
    CHECK(gateway.now().keys == 0);
    CHECK(gateway.send(gateway.webhook()).status == 200);
    CHECK_THAT(gateway.ingress.process().err(),
               Catch::Contains("a webhook was not believed") &&
                   Catch::Contains("\"why\":\"Stripe-Signature is not there"));
    CHECK_FALSE(gateway.ingress.process().err().contains(gateway.secret.reveal()));
}

TEST_CASE("chunks are joined before they are verified, and trailers count for nothing") {
    Gateway gateway;
    Webhook webhook = gateway.webhook();
    const std::string body = webhook.body;
    webhook.headers.add("Transfer-Encoding", "chunked");
    const std::string signature{*webhook.headers.get("Stripe-Signature")};
    const std::size_t half = body.size() / 2;
    const auto chunked = [&](const std::string& trailers) {
        return fmt::format("{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n{}\r\n", half, body.substr(0, half),
                           body.size() - half, body.substr(half), trailers);
    };
    webhook.body = chunked("");
    CHECK(gateway.send(webhook).status == 200);
    webhook.body = chunked("X-More: y\r\n");
    CHECK(gateway.send(webhook).status == 200);
    webhook.headers.remove("Stripe-Signature");
    webhook.body = chunked("Stripe-Signature: " + signature + "\r\n");
    CHECK(gateway.send(webhook).status == 401);
    CHECK(gateway.now().events.size() == 1);
}

TEST_CASE("a length that lies ends in no acceptance") {
    Gateway gateway{"stripe", "{}", {{"TOLLGATE_HTTP_BODY_TIMEOUT", "300ms"}}};
    Webhook webhook = gateway.webhook();
    const std::string size = std::to_string(webhook.body.size());
    webhook.headers.add("Content-Length", std::to_string(webhook.body.size() + 5));
    CHECK(gateway.send(webhook).status == 408);
    webhook.headers.set("Content-Length", std::to_string(webhook.body.size() - 5));
    CHECK(gateway.send(webhook).status == 401);
    webhook.headers.add("Content-Length", size);
    CHECK(gateway.send(webhook).status == 400);
    CHECK(gateway.now().events.empty());
}

TEST_CASE("who fails too often is not looked at for a while, and nobody else suffers") {
    Gateway gateway{"stripe",
                    "{}",
                    {{"TOLLGATE_INGRESS_FAILURES_BURST", "5"},
                     {"TOLLGATE_INGRESS_FAILURES_PER_SECOND", "1"},
                     {"TOLLGATE_HTTP_TRUSTED_PROXIES", "127.0.0.1"}}};
    Webhook bad = gateway.webhook();
    bad.headers.set("Stripe-Signature", "t=1,v1=00");
    const auto from = [](Webhook webhook, std::string_view address) {
        webhook.headers.set("X-Forwarded-For", address);
        return webhook;
    };
    for (int i = 0; i < 5; ++i) CHECK(gateway.send(from(bad, "192.0.2.1")).status == 401);
    const Reply limited = gateway.send(from(bad, "192.0.2.1"));
    CHECK(limited.status == 429);
    CHECK(limited.headers.contains("Retry-After"));
    CHECK(gateway.send(from(gateway.webhook(), "192.0.2.2")).status == 200);
    CHECK(test::wait_until([&] { return gateway.send(from(gateway.webhook(), "192.0.2.1")).status == 200; }));
}

TEST_CASE("Shopify may send 5 MiB, and the others 1") {
    Gateway gateway{"shopify"};
    const std::string order = std::string{gateway.provider.samples.front().body};
    const std::string padding(4 << 20, ' ');
    CHECK(gateway.send(gateway.signed_body(padding + order)).status == 200);
    CHECK(gateway.send(gateway.signed_body(padding + std::string(1 << 20, ' ') + order)).status == 413);
}
