#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "providers/items.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::StartsWith;

namespace {

const Provider& shopify() {
    return testing::provider("shopify");
}

std::string signature(std::string_view body) {
    return crypto::base64_encode(crypto::hmac(crypto::HmacHash::sha256, Secret{"hush"}, body).value());
}

// As an app's subscription sends it; changed by what the test is about.
Request request(std::string_view topic, std::string_view body, std::string_view id = "w-1") {
    return {.headers = {{"X-Shopify-Topic", topic},
                        {"X-Shopify-Hmac-Sha256", signature(body)},
                        {"X-Shopify-Shop-Domain", "acme.myshopify.com"},
                        {"X-Shopify-Webhook-Id", id}},
            .body = std::string{body}};
}

std::string said_of(const Request& request, std::string_view settings = "{}") {
    return said(verify(shopify(), *trust(shopify(), settings, {"hush"}), request));
}

Item event(const Request& request) {
    return item(shopify(), *trust(shopify(), "{}", {"hush"}), request);
}

std::string no_event(const Request& request) {
    return not_identified(shopify(), *trust(shopify(), "{}", {"hush"}), request);
}

constexpr std::string_view order =
    R"({"id":5,"admin_graphql_api_id":"gid://shopify/Order/5","created_at":"2025-11-25T03:59:49-08:00",)"
    R"("updated_at":"2025-11-25T03:59:51-08:00","test":false})";

}  // namespace

TEST_CASE("shopify: what is wrong with the signature is said") {
    Request good = request("orders/paid", "{}");
    CHECK(said_of(good) == "verified");
    const std::string right = signature("{}");
    const auto with = [&](std::string_view value) {
        Request changed = good;
        changed.headers.set("X-Shopify-Hmac-Sha256", value);
        return said_of(changed);
    };
    CHECK(with("") == "proof_missing: X-Shopify-Hmac-Sha256: is empty");
    CHECK(with(right.substr(0, 43)) ==
          "proof_malformed: X-Shopify-Hmac-Sha256: 44 characters of base64 expected, 43 came");
    // The last digit holds two bits that belong to no byte.
    std::string loose = right;
    loose[42] = static_cast<char>(loose[42] + 1);
    CHECK_THAT(with(loose), StartsWith("proof_malformed: X-Shopify-Hmac-Sha256: not base64"));
    CHECK_THAT(with(std::string(10'240, 'A')), Contains("has 10240 bytes, at most 4096 are read"));
    CHECK(with(signature("[]")) == "proof_wrong: X-Shopify-Hmac-Sha256: fits none of the secrets");
}

TEST_CASE("shopify: of the two families of headers the newer one counts") {
    Request both = request("orders/paid", "{}");
    both.headers.add("shopify-hmac-sha256", signature("[]"));
    CHECK(said_of(both) == "proof_wrong: Shopify-Hmac-Sha256: fits none of the secrets");
    both.headers.set("shopify-hmac-sha256", signature("{}"));
    both.headers.set("X-Shopify-Hmac-Sha256", "nonsense");
    CHECK(said_of(both) == "verified");
    both.headers.add("shopify-topic", "Product");
    both.headers.add("shopify-webhook-id", "w-2");
    both.headers.add("shopify-shop-domain", "other.myshopify.com");
    const Item newer = event(both);
    CHECK(newer.type == "Product");
    CHECK(newer.event_id == "w-2");
    CHECK(newer.account == "other.myshopify.com");
}

TEST_CASE("shopify: a source can be pinned to a shop") {
    const Request good = request("orders/paid", "{}");
    CHECK(said_of(good, R"({"account": "acme.myshopify.com"})") == "verified");
    CHECK(said_of(good, R"({"account": "else.myshopify.com"})") ==
          "wrong_account: X-Shopify-Shop-Domain: the event is of another one, the source takes "
          "else.myshopify.com only");
    Request none = good;
    none.headers.remove("X-Shopify-Shop-Domain");
    CHECK_THAT(said_of(none, R"({"account": "acme.myshopify.com"})"), Contains("the event names none"));
}

TEST_CASE("shopify: an event is identified by its headers and its body") {
    const Item paid = event(request("orders/paid", order));
    CHECK(paid.type == "orders/paid");
    CHECK(paid.event_id == "w-1");
    CHECK(paid.account == "acme.myshopify.com");
    CHECK(paid.mode == Mode::live);
    CHECK(paid.subject == "gid://shopify/Order/5");
    CHECK(paid.ordering_key == "orders/5");
    CHECK(paid.time == parse_rfc3339("2025-11-25T11:59:51Z").value());
    CHECK(event(request("refunds/create", R"({"id":9,"order_id":5})")).ordering_key == "orders/5");
    CHECK(event(request("refunds/create", R"({"id":9,"order_id":5})")).subject == "refunds/9");
    CHECK(event(request("customers/update", R"({"id":7})")).ordering_key == "customers/7");
    CHECK(event(request("subscription_billing_attempts/success", R"({"id":1,"subscription_contract_id":3})"))
              .ordering_key == "subscription_contracts/3");
    CHECK(event(request("orders/paid", R"({"test":true})")).mode == Mode::test);
    Request triggered = request("shop/redact", "{}");
    triggered.headers.add("X-Shopify-Triggered-At", "2025-11-25T12:00:00.123456789Z");
    CHECK(event(triggered).time == noon + std::chrono::microseconds{123'456});
}

TEST_CASE("shopify: a refund is of the mode of its transactions") {
    const auto mode = [](std::string_view topic, std::string_view body) {
        return event(request(topic, body)).mode;
    };
    CHECK(mode("refunds/create", R"({"id":9,"transactions":[{"id":1,"test":true}]})") == Mode::test);
    CHECK(mode("refunds/create", R"({"id":9,"transactions":[{"id":1,"test":false}]})") == Mode::live);
    CHECK(mode("refunds/create", R"({"id":9,"transactions":[]})") == Mode::unknown);
    CHECK(mode("refunds/create", R"({"id":9,"transactions":[{"id":1}]})") == Mode::unknown);
    CHECK(mode("order_transactions/create", R"({"id":1,"test":true})") == Mode::test);
    CHECK(mode("carts/update", R"({"id":9,"transactions":[{"id":1,"test":true}]})") == Mode::unknown);
}

TEST_CASE("shopify: a captured body is not taken again under another id") {
    const Item first = event(request("orders/paid", order));
    const Item again = event(request("orders/paid", order, "w-2"));
    CHECK(again.key != first.key);
    REQUIRE(first.second_key);
    CHECK(again.second_key == first.second_key);
    Request without = request("orders/paid", order);
    without.headers.remove("X-Shopify-Webhook-Id");
    CHECK(event(without).key == first.second_key);
    CHECK_FALSE(event(without).second_key);
    // One order is sent as two topics with one body, and both are wanted.
    const Item created = event(request("orders/create", order));
    CHECK(created.key != first.key);
    CHECK(created.second_key != first.second_key);
    CHECK(created.fingerprint != first.fingerprint);
}

TEST_CASE("shopify: where two honest events can have one body, the body is no key") {
    const auto keyed = [](std::string_view topic, std::string_view body) {
        return event(request(topic, body)).second_key.has_value();
    };
    CHECK(keyed("customers/update", R"({"id":7,"updated_at":"2025-11-25T03:59:51-08:00"})"));
    CHECK(keyed("refunds/create", R"({"id":7})"));
    CHECK(keyed("customers/delete", R"({"id":7})"));
    CHECK_FALSE(keyed("shop/redact", R"({"shop_id":1,"shop_domain":"acme.myshopify.com"})"));
    CHECK_FALSE(keyed("carts/update", R"({"id":7})"));
    CHECK_FALSE(keyed("things/create", R"({"name":"x"})"));
}

TEST_CASE("shopify: an id cannot be written so that it is another event's body or another's id") {
    const Item known = event(request("orders/paid", order));
    CHECK(event(request("orders/paid", order, *known.second_key)).key != *known.second_key);
    Request split = request("orders/paid", order, "id w-1");
    split.headers.set("X-Shopify-Topic", "orders/");
    CHECK(event(split).key != event(request("orders/", order, "paid w-1")).key);
    CHECK(id_key("body:x") != body_key("", "x"));
    CHECK(id_key({"a", "b"}) != id_key({"ab", ""}));
    CHECK(id_key({"a"}) != id_key("a"));
    CHECK(fingerprint_of({"a", "b"}) != fingerprint_of({"ab"}));
    CHECK(fingerprint_of({"a", "b"}) != fingerprint_of({"a", "", "b"}));
}

TEST_CASE("shopify: what is no event is refused with what it lacks") {
    Request none = request("orders/paid", "{}");
    none.headers.remove("X-Shopify-Topic");
    CHECK(no_event(none) == "the header X-Shopify-Topic is not there");
    CHECK_THAT(no_event(request("orders/paid", "")), Contains("it is empty"));
    CHECK_THAT(no_event(request("orders/paid", "<order/>")), StartsWith("the body is not JSON"));
    CHECK(no_event(request("orders/\xff", "{}")) == "the event's type is not UTF-8");
    CHECK(no_event(request("orders/paid", "{}", std::string(600, 'w'))) ==
          "the event's id has 600 bytes, at most 512 are taken");
    CHECK(no_event(request("orders/paid", R"({"id":1,"id":2})")) == "\"id\" is there twice (/id)");
}
