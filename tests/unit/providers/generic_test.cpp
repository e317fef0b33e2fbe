#include "providers/generic/generic.hpp"

#include <catch2/catch.hpp>

#include "crypto/base64.hpp"
#include "crypto/hex.hpp"
#include "requests.hpp"

using namespace tollgate;
using namespace tollgate::providers;
using namespace tollgate::providers::testing;
using Catch::Contains;
using Catch::StartsWith;
using crypto::HmacHash;

namespace {

const Provider& generic_row = generic::provider();

std::string mac(HmacHash hash, std::string_view text, std::string_view key = "key") {
    return crypto::hmac(hash, Secret{std::string{key}}, text).value();
}

std::string said_of(std::string_view settings, const Request& request, std::string_view secret = "key",
                    Timestamp now = noon) {
    return said(verify(generic_row, *trust(generic_row, settings, {secret}), request, now));
}

std::string wrong(std::string_view settings) {
    return refusal(generic_row, settings);
}

Item event(std::string_view settings, const Request& request) {
    return item(generic_row, *trust(generic_row, settings, {"key"}), request);
}

std::string no_event(std::string_view settings, const Request& request) {
    return not_identified(generic_row, *trust(generic_row, settings, {"key"}), request);
}

}  // namespace

TEST_CASE("generic: each algorithm, encoding and prefix") {
    const std::string body = "{}";
    const auto at = [&](std::string_view settings, const std::string& value) {
        return said_of(settings, {.headers = {{"X-Signature", value}}, .body = body});
    };
    for (const auto& [name, hash] : {std::pair{"sha1", HmacHash::sha1}, std::pair{"sha256", HmacHash::sha256},
                                     std::pair{"sha512", HmacHash::sha512}}) {
        const std::string good = mac(hash, body);
        CHECK(at(fmt::format(R"({{"algorithm": "{}"}})", name), crypto::hex_encode(good)) == "verified");
        CHECK(at(fmt::format(R"({{"algorithm": "{}", "encoding": "base64"}})", name),
                 crypto::base64_encode(good)) == "verified");
        CHECK_THAT(at(fmt::format(R"({{"algorithm": "{}"}})", name), crypto::base64_encode(good)),
                   StartsWith("proof_malformed: "));
    }
    const std::string good = crypto::hex_encode(mac(HmacHash::sha256, body));
    CHECK(at(R"({"prefix": "sha256="})", "sha256=" + good) == "verified");
    CHECK(at(R"({"prefix": "sha256="})", good) ==
          "proof_malformed: X-Signature: does not begin as \"prefix\" says");
    CHECK_THAT(at("{}", "sha256=" + good), StartsWith("proof_malformed: "));
    CHECK(said_of(R"({"header": "X-Hub"})", {.headers = {{"x-hub", good}}, .body = body}) == "verified");
    CHECK(said_of(R"({"secret_encoding": "hex"})", {.headers = {{"X-Signature", good}}, .body = body},
                  "6b6579") == "verified");
    CHECK(said_of(R"({"secret_encoding": "base64"})", {.headers = {{"X-Signature", good}}, .body = body},
                  "a2V5") == "verified");
}

TEST_CASE("generic: a template of what is signed") {
    constexpr std::string_view settings =
        R"({"signed": "v0:{timestamp}:{header:X-Id}:{url}:{body}", "timestamp": "header:X-Time", "header": "X-Sig"})";
    const std::string url = "https://pay.example.com/in?x=1";
    Request good{.headers = {{"X-Time", "1764072000"}, {"X-Id", "e-1"}}, .body = "{}", .url = url};
    good.headers.add("X-Sig", crypto::hex_encode(mac(HmacHash::sha256, "v0:1764072000:e-1:" + url + ":{}")));
    CHECK(said_of(settings, good) == "verified");
    const auto with = [&](std::string_view name, std::string_view value) {
        Request changed = good;
        changed.headers.set(name, value);
        return said_of(settings, changed);
    };
    CHECK_THAT(with("X-Id", "e-2"), StartsWith("proof_wrong: "));
    CHECK(with("X-Id", "") == "proof_missing: X-Id: is empty");
    CHECK_THAT(with("X-Time", "1764072001"), StartsWith("proof_wrong: "));
    CHECK(with("X-Time", "") == "proof_missing: X-Time: is empty");
    CHECK(with("X-Time", "soon") == "proof_malformed: X-Time: is no time as \"timestamp_format\" says");
    Request elsewhere = good;
    elsewhere.url += "1";
    CHECK_THAT(said_of(settings, elsewhere), StartsWith("proof_wrong: "));
    const auto at = [&](int seconds) {
        return said_of(settings, good, "key", noon + std::chrono::seconds{seconds});
    };
    CHECK(at(300) == "verified");
    CHECK(at(301) == "too_old: X-Time: signed 301 s ago, 300 s are tolerated");
    CHECK_THAT(at(-301), StartsWith("too_new: X-Time: "));
}

TEST_CASE("generic: a header that is a list, with the time in it") {
    constexpr std::string_view settings =
        R"({"part": "h1", "separator": ";", "timestamp": "part:ts", "signed": "{timestamp}:{body}", "tolerance": 5})";
    const std::string good = crypto::hex_encode(mac(HmacHash::sha256, "1764072000:{}"));
    const auto at = [&](const std::string& value, int seconds = 0) {
        return said_of(settings, {.headers = {{"X-Signature", value}}, .body = "{}"}, "key",
                       noon + std::chrono::seconds{seconds});
    };
    CHECK(at("ts=1764072000;h1=" + good) == "verified");
    CHECK(at("ts=1764072000;h1=" + std::string(64, '0') + ";h1=" + good, 5) == "verified");
    CHECK_THAT(at("ts=1764072000;h1=" + good, 6), StartsWith("too_old: ts: "));
    CHECK(at("ts=1764072000;h2=" + good) == "proof_unknown: X-Signature: has no h1=");
    CHECK(at("h1=" + good) == "proof_malformed: X-Signature: has no ts=");
    CHECK_THAT(at("ts=1764072000,h1=" + good), StartsWith("proof_unknown: "));
    const std::string untimed = crypto::hex_encode(mac(HmacHash::sha256, "{}"));
    CHECK(said_of(R"({"part": "v1"})", {.headers = {{"X-Signature", "a=b, v1=" + untimed}}, .body = "{}"}) ==
          "verified");
}

TEST_CASE("generic: the formats of a signed time") {
    const auto at = [](std::string_view format, std::string_view time) {
        Request request{.headers = {{"X-Time", time}}, .body = "{}"};
        request.headers.add("X-Signature",
                            crypto::hex_encode(mac(HmacHash::sha256, std::string{time} + "{}")));
        return said_of(
            fmt::format(
                R"({{"signed": "{{timestamp}}{{body}}", "timestamp": "header:X-Time", "timestamp_format": "{}"}})",
                format),
            request);
    };
    CHECK(at("seconds", "1764072000") == "verified");
    CHECK_THAT(at("seconds", "1764072000000"), StartsWith("proof_malformed: "));
    CHECK(at("milliseconds", "1764072000123") == "verified");
    CHECK_THAT(at("milliseconds", "1764072000"), StartsWith("too_old: "));
    CHECK(at("rfc3339", "2025-11-25T13:00:00+01:00") == "verified");
    CHECK_THAT(at("rfc3339", "2025-11-25T13:00:00Z"), StartsWith("too_new: "));
    CHECK_THAT(at("rfc3339", "1764072000"), StartsWith("proof_malformed: "));
}

TEST_CASE("generic: a secret that is sent along is a token, and proves no bytes") {
    constexpr std::string_view settings = R"({"proof": "token", "header": "X-Token", "prefix": "Bearer "})";
    const auto at = [&](std::string_view value) {
        return said_of(settings, {.headers = {{"X-Token", value}}, .body = "{}"});
    };
    CHECK(at("Bearer key") == "verified");
    CHECK(at("Bearer kez") == "proof_wrong: X-Token: is none of the secrets");
    CHECK(at("Bearer key2") == "proof_wrong: X-Token: is none of the secrets");
    CHECK(at("Bearer ") == "proof_wrong: X-Token: is none of the secrets");
    CHECK_THAT(at("key"), StartsWith("proof_malformed: "));
    CHECK(said_of(settings, {.body = "{}"}) == "proof_missing: X-Token: is not there");
    const auto good = trust(generic_row, settings, {"old", "key"});
    const Verdict verdict =
        verify(generic_row, *good, {.headers = {{"X-Token", "Bearer key"}}, .body = "{}"});
    CHECK(std::get<Verified>(verdict).proof == Proof::token);
    CHECK(std::get<Verified>(verdict).secret == secret_id(2));
    SourceSecret expired = secret("key");
    expired.valid_until = noon;
    const std::vector<SourceSecret> secrets{expired, secret("new")};
    const auto rotated = generic_row.make_trust(complete(generic_row, settings), secrets);
    REQUIRE(rotated);
    const Request old{.headers = {{"X-Token", "Bearer key"}}, .body = "{}"};
    CHECK_THAT(said(generic_row.verify(**rotated, old.received(), noon, {})), StartsWith("proof_wrong: "));
    CHECK(said_of(settings, {.headers = {{"X-Token", "Bearer x"}}}, "key", Timestamp::max()) ==
          "no_secret: none of the source's 1 secrets is valid now");
}

TEST_CASE("generic: basic authentication") {
    constexpr std::string_view settings = R"({"proof": "basic", "user": "tollgate"})";
    const auto at = [&](std::string_view value) {
        return said_of(settings, {.headers = {{"Authorization", value}}, .body = "{}"}, "pa:ss");
    };
    const auto basic = [](std::string_view pair) { return "Basic " + crypto::base64_encode(pair); };
    CHECK(at(basic("tollgate:pa:ss")) == "verified");
    CHECK(at("basic " + crypto::base64_encode("tollgate:pa:ss")) == "verified");
    CHECK(at(basic("tollgate:pa")) == "proof_wrong: Authorization: is none of the secrets");
    CHECK(at(basic("other:pa:ss")) == "proof_wrong: Authorization: is another user's");
    CHECK(at(basic("tollgate")) == "proof_malformed: Authorization: has no colon");
    CHECK_THAT(at("Basic !!!"), StartsWith("proof_malformed: Authorization: not base64"));
    CHECK(at("Bearer x") == "proof_unknown: Authorization: is not Basic");
    CHECK(said_of(settings, {.body = "{}"}) == "proof_missing: Authorization: is not there");
}

TEST_CASE("generic: an event is identified as the settings say") {
    constexpr std::string_view settings =
        R"({"id": "/data/id", "type": "header:X-Type", "time": "/at", "account": "header:X-Account",
            "subject": "/data/about/0", "ordering_key": "/a~1b"})";
    const Request request{.headers = {{"X-Type", "paid"}, {"X-Account", "acme"}},
                          .body = R"({"data":{"id":123,"about":["P-1"]},"at":1764072000,"a/b":"k"})"};
    const Item paid = event(settings, request);
    CHECK(paid.type == "paid");
    CHECK(paid.event_id == "123");
    CHECK(paid.key == "id:123");
    CHECK_FALSE(paid.second_key);
    CHECK(paid.account == "acme");
    CHECK(paid.subject == "P-1");
    CHECK(paid.ordering_key == "k");
    CHECK(paid.time == noon);
    CHECK(no_event(settings, {.body = request.body}) == "the event's type, in X-Type, is not there or empty");
    CHECK(no_event(settings, {.headers = {{"X-Type", "paid"}}, .body = "{}"}) ==
          "the event's id, in /data/id, is not there or empty");
    CHECK_THAT(no_event(settings, {.headers = {{"X-Type", "paid"}}, .body = "x"}),
               StartsWith("the body is not JSON"));
    CHECK(no_event(settings,
                   {.headers = {{"X-Type", "paid"}}, .body = R"({"data":{"id":1},"data":{"id":2}})"}) ==
          "\"data\" is there twice (/data/id)");
}

TEST_CASE("generic: how events are told apart must be said") {
    const auto refused = [](std::string_view settings) {
        const auto made = generic_row.make_trust(settings, {});
        return made ? std::string{} : made.error().detail;
    };
    CHECK_THAT(refused("{}"), Contains("is missing: say where"));
    CHECK_THAT(refused(R"({"body_is_unique": false})"), Contains("is missing: say where"));
    CHECK(refused(R"({"body_is_unique": true})").empty());
    CHECK(refused(R"({"id": "/id"})").empty());
}

TEST_CASE("generic: without an id the body is the event") {
    const Item one = event("{}", {.body = "not JSON"});
    CHECK(one.type == "event");
    CHECK_THAT(one.key, StartsWith("body:"));
    CHECK_FALSE(one.event_id);
    CHECK(event("{}", {.body = "not JSON!"}).key != one.key);
    CHECK(no_event("{}", {.body = ""}) == "the body is empty");
}

TEST_CASE("generic: an id that is not signed has the body beside it, if the settings say so") {
    const auto keyed = [](std::string_view settings) {
        return event(settings, {.headers = {{"X-Id", "1"}}, .body = R"({"id":"1"})"}).second_key.has_value();
    };
    CHECK_FALSE(keyed(R"({"id": "header:X-Id"})"));
    CHECK(keyed(R"({"id": "header:X-Id", "body_is_unique": true})"));
    CHECK_FALSE(keyed(R"({"id": "/id", "body_is_unique": true})"));
    CHECK_FALSE(keyed(R"({"id": "header:x-id", "signed": "{header:X-Id}.{body}", "body_is_unique": true})"));
    CHECK(keyed(R"({"id": "header:X-Id", "signed": "{header:X-Other}.{body}", "body_is_unique": true})"));
    CHECK(keyed(R"({"id": "/id", "proof": "token", "header": "X-T", "body_is_unique": true})"));
}

TEST_CASE("generic: settings that cannot work are refused") {
    CHECK_THAT(wrong(R"({"signed": "{timestamp}"})"), Contains("has no {body}"));
    CHECK_THAT(wrong(R"({"signed": "{bdoy}"})"), Contains("and no other brace"));
    CHECK_THAT(wrong(R"({"signed": "{body"})"), Contains("and no other brace"));
    CHECK_THAT(wrong(R"({"signed": "{header:}{body}"})"), Contains("and no other brace"));
    CHECK_THAT(wrong(R"({"signed": "{timestamp}{body}"})"), Contains("\"timestamp\" is missing"));
    CHECK_THAT(wrong(R"({"timestamp": "header:X-Time"})"), Contains("not among the signed bytes"));
    CHECK_THAT(wrong(R"({"tolerance": 5})"), Contains("\"tolerance\" needs a {timestamp}"));
    CHECK_THAT(wrong(R"({"timestamp_format": "seconds"})"), Contains("needs a {timestamp}"));
    CHECK_THAT(wrong(R"({"timestamp": "part:t", "signed": "{timestamp}{body}"})"),
               Contains("\"part\" must name"));
    CHECK_THAT(wrong(R"({"timestamp": "/at", "signed": "{timestamp}{body}"})"),
               Contains("must be header:NAME, or part:NAME"));
    CHECK_THAT(wrong(R"({"separator": ";"})"), Contains("needs \"part\""));
    CHECK(wrong(R"({"algorithm": "sha265"})") ==
          "setting \"algorithm\" must be one of sha256, sha1, sha512: did you mean sha256?");
    CHECK(wrong(R"({"encoding": 5})") == "setting \"encoding\" must be one of hex, base64");
    CHECK_THAT(wrong(R"({"proof": "hmax"})"), Contains("did you mean hmac?"));
    CHECK_THAT(wrong(R"({"header": "X Signature"})"), Contains("must be the name of a header"));
    CHECK_THAT(wrong(R"({"proof": "token"})"), Contains("\"header\" must be the name of a header"));
    CHECK_THAT(wrong(R"({"proof": "basic"})"), Contains("\"user\" must be"));
    CHECK_THAT(wrong(R"({"proof": "basic", "user": "a:b"})"), Contains("without a colon"));
    CHECK(wrong(R"({"proof": "basic", "user": "a", "algorithm": "sha1"})") ==
          "setting \"algorithm\" is unknown");
    CHECK_THAT(wrong(R"({"id": "id"})"), Contains("must be a JSON pointer such as /data/id, or header:NAME"));
    CHECK_THAT(wrong(R"({"id": "header:"})"), Contains("must be a JSON pointer"));
    CHECK_THAT(wrong(R"({"id": "part:t"})"), Contains("must be a JSON pointer"));
    CHECK_THAT(wrong(R"({"body_is_unique": 1})"), Contains("must be true or false"));
}

TEST_CASE("generic: what deliver signs verifies, in every form") {
    for (
        const std::string_view settings :
        {R"({})", R"({"algorithm": "sha512", "encoding": "base64", "prefix": "x "})",
         R"({"part": "v1", "timestamp": "part:t", "signed": "{timestamp}.{body}", "prefix": "s="})",
         R"({"signed": "{header:X-Id}|{timestamp}|{body}", "timestamp": "header:X-Time", "timestamp_format": "rfc3339"})",
         R"({"signed": "{timestamp}{body}", "timestamp": "header:X-Time", "timestamp_format": "milliseconds"})",
         R"({"proof": "token", "header": "X-Token", "prefix": "Bearer "})",
         R"({"proof": "basic", "user": "u"})", R"({"id": "header:X-Id", "type": "header:X-Type"})"}) {
        INFO(settings);
        const Request request = delivered(generic_row, settings, "key", generic_row.samples.front());
        CHECK(said_of(settings, request) == "verified");
        item(generic_row, *trust(generic_row, settings, {"key"}), request);
    }
    CHECK_THAT(generic_row
                   .deliver(R"({"signed": "{url}{body}", "id": "/id"})", Secret{"key"},
                            generic_row.samples.front(), noon)
                   .error()
                   .detail,
               Contains("the URL is signed"));
}

TEST_CASE("generic: only a source whose signature covers the URL needs to know it") {
    const auto needs = [](std::string_view settings) {
        return trust(generic_row, settings, {"key"})->needs_url();
    };
    CHECK(needs(R"({"signed": "{url}{body}"})"));
    CHECK_FALSE(needs("{}"));
    CHECK_FALSE(needs(R"({"proof": "token", "header": "X-Token"})"));
}
