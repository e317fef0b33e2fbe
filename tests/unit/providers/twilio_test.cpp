// Twilio: what it signs, and what an event is known by.
#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"
#include "signed.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;

TEST_CASE("twilio: forms and JSON are identified, and JSON is believed only with its hash in the URL") {
    const Signed twilio = of("twilio");
    const Request delivered_one = twilio.request(sample(twilio.provider, "message.delivered").body,
                                                 {{"I-Twilio-Idempotency-Token", "t-1"}});
    CHECK(words(twilio.item_of(delivered_one)) ==
          "message.delivered id=t-1 account=AC00000000000000000000000000made01 mode=unknown "
          "subject=SM00000000000000000000000000made01 order=SM00000000000000000000000000made01 time=-");
    CHECK(twilio.item_of(twilio.request("From=1")).type == "webhook");
    CHECK_THAT(twilio.said_with("{}", twilio.request("{}")), Catch::StartsWith("proof_missing: bodySHA256"));
    CHECK_THAT(twilio.said_with(R"({"account": "AC2"})", delivered_one),
               Catch::StartsWith("wrong_account: AccountSid"));
    CHECK_FALSE(refusal(twilio.provider, "{}", {"AC0"}).empty());
}

namespace {

// Where Twilio sends it, with a query of its own.
Request twilio_request(const Signed& twilio, std::string_view settings, std::string_view url,
                       std::string_view body) {
    auto delivery =
        twilio.provider.deliver(settings, twilio.secret, {.type = "x", .body = body, .url = url}, noon);
    if (!delivery) FAIL(delivery.error().text());
    return {
        .headers = std::move(delivery->headers), .body = std::move(delivery->body), .url = std::string{url}};
}

std::string json_url(std::string_view body) {
    return fmt::format("https://10.0.0.7/in?bodySHA256={}", crypto::hex_encode(crypto::sha256(body)));
}

}  // namespace

TEST_CASE("twilio: a URL that the settings say has the query that the request came with") {
    const Signed twilio = of("twilio");
    const std::string settings = R"({"url": "https://hooks.example.com/tw"})";
    const std::string json = R"({"type":"a"})";
    for (const auto& [url, body] :
         {std::pair{json_url(json), json},
          std::pair{std::string{"https://10.0.0.7/in?leg=2"}, std::string{"From=1"}},
          std::pair{std::string{"https://10.0.0.7/in"}, std::string{"From=1"}}}) {
        INFO(url);
        const Request sent = twilio_request(twilio, settings, url, body);
        CHECK(twilio.said_with(settings, sent) == "verified");
        // As Twilio signs it, whatever our own sample says.
        const std::string as_told =
            "https://hooks.example.com/tw" + url.substr(std::min(url.find('?'), url.size()));
        const std::string fields = body == json ? "" : "From1";
        CHECK(sent.headers.get("X-Twilio-Signature") ==
              crypto::base64_encode(
                  crypto::hmac(crypto::HmacHash::sha1, twilio.secret, as_told + fields).value()));
        CHECK_THAT(twilio.said_with("{}", sent),
                   Catch::EndsWith("fits none of the secrets, signed for https://10.0.0.7/in"));
    }
    const Request queried =
        twilio_request(twilio, R"({"url": "https://a/tw?old=1"})", "https://b/in?new=2", "");
    CHECK(twilio.said_with(R"({"url": "https://a/tw?new=2"})", queried) == "verified");
}

TEST_CASE("twilio: a request is known by what is signed of it, however it is spelled") {
    const Signed twilio = of("twilio");
    const std::string url = "https://pay.example.com/in?leg=2";
    const Request sent = twilio_request(twilio, "{}", url, "MessageSid=SM1&Body=a+b&From=%2B1");
    const Item event = twilio.item_of(sent);
    for (const std::string_view body :
         {"From=%2B1&Body=a+b&MessageSid=SM1", "MessageSid=%53M1&Body=a%20b&From=%2B1",
          "MessageSid=SM1&Body=a+b&From%2B=1", "MessageSidS=M1&Body=a+b&From=%2B1"}) {
        INFO(body);
        Request again = sent;
        again.body = body;
        CHECK(twilio.said_with("{}", again) == "verified");
        CHECK(twilio.item_of(again).key == event.key);
    }
    Request into_url = sent;
    into_url.url += "Bodya b";
    into_url.body = "From=%2B1&MessageSid=SM1";
    CHECK(twilio.said_with("{}", into_url) == "verified");
    CHECK(twilio.item_of(into_url).key == event.key);
    Request reordered = sent;
    reordered.body = "From=%2B1&Body=a+b&MessageSid=SM1";
    CHECK(twilio.item_of(reordered).fingerprint == event.fingerprint);
    // Another leg of it is another event.
    CHECK(twilio.item_of(twilio_request(twilio, "{}", "https://pay.example.com/in?leg=3", sent.body)).key !=
          event.key);
}

TEST_CASE("twilio: each event of a stream is one by itself") {
    const Signed twilio = of("twilio");
    const std::string body =
        R"([{"specversion":"1.0","type":"com.twilio.messaging.message.sent","id":"EZ1",)"
        R"("time":"2025-11-25T11:59:51.000Z","data":{"accountSid":"AC1","messageSid":"SM1"}},)"
        R"({"type":"com.twilio.voice.x","id":"EZ2","data":{"accountSid":"AC2"}}])";
    const Request sent = twilio_request(twilio, "{}", json_url(body), body);
    CHECK(twilio.said_with("{}", sent) == "verified");
    const auto items = twilio.provider.identify(*trust(twilio.provider, "{}", {}), sent.received(), {});
    REQUIRE(items);
    REQUIRE(items->size() == 2);
    CHECK(words(items->front()) ==
          "com.twilio.messaging.message.sent id=EZ1 account=AC1 mode=unknown subject=SM1 order=SM1 "
          "time=2025-11-25T11:59:51.000Z");
    CHECK(items->at(1).key == "id:EZ2");
    CHECK_THAT(twilio.said_with(R"({"account": "AC1"})", sent),
               Catch::StartsWith("wrong_account: AccountSid"));
}
